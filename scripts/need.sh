#!/bin/sh
# need.sh PROGRAM PACKAGE WHY: makes sure that a program is there. Root installs Debian's package;
# anybody else is told in one sentence. Exit status 0 either way when the thing is only optional.
program=$1 package=$2 why=$3
command -v "$program" >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Debian's $package: $why"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null &&
        exit 0
fi
echo "$program is missing ($why): as root, apt-get install $package" >&2
exit 1
