#!/bin/sh
# Puts promtool, which checks deploy/prometheus, into a directory, unless there is one. It comes out of Debian's package
# prometheus, of which nothing is installed and no service is started; where apt's lists are there it needs no root.
set -eu
into=$1
if [ -x "$into/promtool" ] || command -v promtool >/dev/null; then exit 0; fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
	echo "没有 promtool, 也没有 apt: deploy/prometheus 的检查会跳过; 请自行安装 Prometheus 的 promtool" >&2
	echo "There is neither promtool nor apt: checks of deploy/prometheus are skipped; install promtool yourself" >&2
	exit 0
fi
mkdir -p "$into"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get -qq download prometheus 2>/dev/null || { apt-get -qq update && apt-get -qq download prometheus; }
cd - >/dev/null
dpkg-deb --fsys-tarfile "$work"/prometheus_*.deb | tar -xO ./usr/bin/promtool >"$into/promtool.part"
chmod 755 "$into/promtool.part"
mv "$into/promtool.part" "$into/promtool"
