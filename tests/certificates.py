"""Certificate authorities and signing certificates, made anew by the tests that need them."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Identity:
    """A certificate with its key; signed by `issuer`, or by itself. Times are days from now."""

    def __init__(
        self,
        name: str,
        issuer: Identity | None = None,
        *,
        ca: bool = False,
        from_days: float = -1.0,
        until_days: float = 365.0,
        key: Key | None = None,
        signs: bool = True,
        now: datetime | None = None,
        server: bool = False,
    ) -> None:
        now = now or datetime.now(UTC)
        self.key: Key = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        above = issuer or self
        public = self.key.public_key()
        usage = x509.KeyUsage(
            digital_signature=signs and not ca,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=not signs,
            key_cert_sign=ca,
            crl_sign=ca,
            encipher_only=False,
            decipher_only=False,
        )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer.certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=from_days))
            .not_valid_after(now + timedelta(days=until_days))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(authority, critical=False)
        )
        if server:
            names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self.certificate = builder.sign(above.key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, folder: Path, name: str, *above: Identity) -> tuple[Path, Path]:
        """Key file (mode 0600) and certificate file, those `above` behind ours."""
        key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
        key.touch(mode=0o600)
        key.write_bytes(self.key_pem)
        certificate.write_bytes(self.pem + b"".join(one.pem for one in above))
        return key, certificate
