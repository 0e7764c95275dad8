"""The siren on a pin: layouts as the kernel's own header has them, and chips that are none.

No GPIO chip, real or simulated, could be had where this was written: what a pin does is untried.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest

from tocsin.warn import siren_gpio
from tocsin.warn.siren import Siren
from tocsin.warn.siren_gpio import KIND, SirenGpioSettings
from tocsin.words import Alert


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...
    async def move(self, seconds: float) -> None: ...


ASKED = r"""
#include <linux/gpio.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  struct gpio_v2_line_request r;
  memset(&r, 0, sizeof r);
  r.offsets[0] = 17; memcpy(r.consumer, "tocsin", 6);
  r.config.flags = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  r.num_lines = 1; r.fd = 42;
  printf("%lx %lx %lx %x %x %x %zu\n", (unsigned long)GPIO_V2_GET_LINE_IOCTL,
    (unsigned long)GPIO_V2_LINE_GET_VALUES_IOCTL, (unsigned long)GPIO_V2_LINE_SET_VALUES_IOCTL,
    (unsigned)GPIO_V2_LINE_FLAG_ACTIVE_LOW, (unsigned)GPIO_V2_LINE_FLAG_INPUT,
    (unsigned)GPIO_V2_LINE_FLAG_OUTPUT, sizeof(struct gpio_v2_line_values));
  for (size_t i = 0; i < sizeof r; i++) printf("%02x", ((unsigned char *)&r)[i]);
  return 0;
}
"""


@pytest.mark.skipif(
    shutil.which("gcc") is None or not Path("/usr/include/linux/gpio.h").exists(),
    reason="no gcc or no kernel header: as root, apt-get install gcc linux-libc-dev",
)
def test_numbers_and_layouts_are_those_of_the_kernels_header(tmp_path: Path) -> None:
    source, program = tmp_path / "asked.c", tmp_path / "asked"
    source.write_text(ASKED)
    subprocess.run(["gcc", "-o", program, source], check=True)
    said = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
    numbers = [int(word, 16) for word in said[:6]]
    gpio = siren_gpio
    assert numbers[:3] == [gpio.GET_LINE, gpio.GET_VALUES, gpio.SET_VALUES]
    assert numbers[3:] == [gpio.ACTIVE_LOW, gpio.INPUT, gpio.OUTPUT]
    assert int(said[6]) == gpio.VALUES.size
    flags, pad = gpio.OUTPUT | gpio.ACTIVE_LOW, (0,) * 5
    ours = gpio.REQUEST.pack(
        17, *(0,) * 63, b"tocsin", flags, 0, *pad, b"", 1, 0, *pad, 42
    )  # fmt: skip
    assert ours.hex() == said[7]


@pytest.mark.parametrize(
    ("chip", "why"),
    [("/dev/no-gpiochip", "No such file"), ("/dev/null", "Inappropriate ioctl")],
)
def test_what_is_no_chip_is_a_failure(clock: HandClock, alarm: Alert, chip: str, why: str) -> None:
    async def test() -> None:
        siren = KIND.make("siren", SirenGpioSettings(17, chip), clock, 5.0)
        assert isinstance(siren, Siren)
        for receipt in (await siren.deliver(alarm, {}, b""), await siren.self_test()):
            assert not receipt.delivered
            assert why in str(receipt.detail)
        assert await siren.resume(alarm, clock.now(), told=False) is None
        await siren.close()

    _run(test)


def _run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30.0))  # type: ignore[arg-type]
