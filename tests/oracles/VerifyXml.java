// Verifies enveloped XML signatures with the JDK's own implementation: one line a file.
// java VerifyXml.java CA.pem SECONDS FILE…   prints "valid" or "invalid: why"; the certificate must
// come from the CA and hold at that Unix time. Written for the tests; the JDK is the peer.
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.nio.file.Path;
import java.security.KeyException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class VerifyXml {
  static final String DS = "http://www.w3.org/2000/09/xmldsig#";

  public static void main(String[] arguments) throws Exception {
    CertificateFactory certificates = CertificateFactory.getInstance("X.509");
    X509Certificate ca =
        (X509Certificate) certificates.generateCertificate(new FileInputStream(arguments[0]));
    java.util.Date when = new java.util.Date(Long.parseLong(arguments[1]) * 1000);
    for (int i = 2; i < arguments.length; i++) {
      String verdict;
      try {
        verdict = verify(Path.of(arguments[i]), ca, certificates, when) ? "valid" : "invalid: digest";
      } catch (Exception error) {
        verdict = "invalid: " + String.valueOf(error.getMessage()).replace('\n', ' ');
      }
      System.out.println(verdict);
    }
  }

  static boolean verify(
      Path file, X509Certificate ca, CertificateFactory factory, java.util.Date when)
      throws Exception {
    DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
    builders.setNamespaceAware(true);
    builders.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Document document = builders.newDocumentBuilder().parse(file.toFile());
    List<Element> signatures = new ArrayList<>();
    NodeList children = document.getDocumentElement().getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      if (children.item(i) instanceof Element child
          && DS.equals(child.getNamespaceURI()) && "Signature".equals(child.getLocalName())) {
        signatures.add(child);
      }
    }
    if (signatures.size() != 1) throw new KeyException(signatures.size() + " signatures");
    Element signature = signatures.get(0);
    NodeList shown = signature.getElementsByTagNameNS(DS, "X509Certificate");
    List<X509Certificate> chain = new ArrayList<>();
    for (int i = 0; i < shown.getLength(); i++) {
      byte[] der =
          java.util.Base64.getMimeDecoder().decode(shown.item(i).getTextContent().trim());
      chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
    }
    CertPath path = factory.generateCertPath(chain);
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(when);
    CertPathValidator.getInstance("PKIX").validate(path, parameters);
    DOMValidateContext context =
        new DOMValidateContext(
            KeySelector.singletonKeySelector(chain.get(0).getPublicKey()), signature);
    context.setProperty("org.jcp.xml.dsig.secureValidation", true);
    XMLSignature parsed = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
    return parsed.validate(context);
  }
}
