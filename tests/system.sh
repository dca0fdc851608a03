#!/bin/sh
# Installs the Debian packages that the tests need and that are missing. Does nothing where all is there.
# With "image": what the test of the image needs as well.
set -eu

missing=""
if ! command -v systemd-analyze >/dev/null 2>&1; then
	missing="$missing systemd"
fi
if ! { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1; then
	missing="$missing chromium"
fi
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]; then
	missing="$missing fontconfig fonts-wqy-microhei"
fi
if [ "$(id -u)" = 0 ] && ! command -v ip >/dev/null 2>&1; then # only root makes network namespaces
	missing="$missing iproute2"
fi
if [ "${1:-}" = image ]; then
	for program in buildah debootstrap; do
		command -v $program >/dev/null 2>&1 || missing="$missing $program"
	done
fi
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
		as_root=none
	else
		as_root="sudo -n"
	fi
fi
if [ "$as_root" = none ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "测试还需要这些软件包:$missing。请先安装, 例如: sudo apt-get install$missing" >&2
	echo "The tests need these packages, too:$missing. Install them first, for example: sudo apt-get install$missing" >&2
	exit 1
fi
echo "apt-get install$missing"
# shellcheck disable=SC2086 # names of packages
if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null; then
	$as_root apt-get update -qq
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi
