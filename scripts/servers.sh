#!/usr/bin/env bash
# Brings the real servers that tests and benchmarks run against, from Debian packages, without root
# and without starting anything: packages are downloaded and unpacked into a cache folder, never installed.
#
#   scripts/servers.sh [GROUP...]     groups: prometheus alertmanager compose nats mtail strace chromium
#                                     (none named: prometheus alertmanager mtail)
#
# Binaries end up in $SERVERS_DIR/bin (default .cache/servers/bin). A tool that PATH already has is
# used from there. Exit 0: everything asked for is there. Exit 1: the last lines name what is not.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${SERVERS_DIR:-$root/.cache/servers}
mkdir -p "$dir/bin"
dir=$(cd "$dir" && pwd)

# What a group must put into bin/.
tools_of() {
  case $1 in
    prometheus) echo prometheus promtool ;;
    alertmanager) echo alertmanager amtool ;;
    compose) echo docker-compose ;;
    nats) echo nats-server ;;
    mtail | strace | chromium) echo "$1" ;;
    *) echo "scripts/servers.sh: unknown group: $1" >&2 && return 2 ;;
  esac
}

# Debian packages of a group. The Go servers are linked against libc alone, so their own package is
# enough; strace and chromium also need the libraries that this machine does not have yet.
packages_of() {
  case $1 in
    prometheus) echo prometheus ;;
    alertmanager) echo prometheus-alertmanager ;;
    nats) echo nats-server ;;
    mtail) echo mtail ;;
    compose) echo docker-compose && missing_dependencies docker-compose ;;
    strace) echo strace && missing_dependencies strace ;;
    # A page without any font renders blank.
    chromium) echo chromium && missing_dependencies chromium fontconfig-config fonts-dejavu-core ;;
  esac
}

# Where Debian puts a tool, relative to the root of the unpacked packages.
path_in_package() {
  case $1 in
    alertmanager) echo usr/bin/prometheus-alertmanager ;;
    nats-server) echo usr/sbin/nats-server ;;
    chromium) echo usr/lib/chromium/chromium ;; # /usr/bin/chromium is a script with absolute paths
    *) echo "usr/bin/$1" ;;
  esac
}

# apt with lists and cache of our own: needs no root, and leaves the machine's lists as they are.
private_apt=()
use_private_apt() {
  local apt=$dir/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  private_apt=(-o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache"
    -o APT::Sandbox::User= -o Debug::NoLocking=true)
  if [ -z "$(find "$apt/lists" -maxdepth 1 -name '*_Packages*' -mmin -1440)" ]; then
    apt-get -qq "${private_apt[@]}" update >&2
  fi
}

# What `apt-get install` would add, without the package itself: a simulation, so it needs no root.
missing_dependencies() {
  apt-get "${private_apt[@]}" -s --no-install-recommends install "$@" |
    awk -v own="$1" '$1 == "Inst" && $2 != own { print $2 }'
}

download() ( # GROUP FOLDER
  mkdir -p "$2" && cd "$2"
  packages=$(packages_of "$1") && [ -n "$packages" ] || exit 1
  # shellcheck disable=SC2086 # a list of package names
  apt-get -qq "${private_apt[@]}" -o APT::Sandbox::User= download $packages >&2
)

# bin/TOOL is a link, or a small script where the tool needs its unpacked libraries.
expose() { # GROUP TOOL
  local target
  target=$dir/$1/$(path_in_package "$2")
  [ -x "$target" ] || { echo "scripts/servers.sh: $2 is not in its package" >&2 && return 1; }
  case $1 in
    strace | chromium)
      local libs=$dir/$1/usr/lib/$(dpkg --print-architecture | sed 's/amd64/x86_64/; s/arm64/aarch64/')-linux-gnu
      cat >"$dir/bin/$2.new" <<EOF
#!/bin/sh
export LD_LIBRARY_PATH='$libs:$libs/pulseaudio'"\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
[ -d /etc/fonts ] || export FONTCONFIG_PATH='$dir/$1/etc/fonts' FONTCONFIG_SYSROOT='$dir/$1'
exec '$target' "\$@"
EOF
      chmod +x "$dir/bin/$2.new"
      ;;
    compose)
      # Only what this machine's own Python does not have was fetched; without one, a whole Python was.
      cat >"$dir/bin/$2.new" <<EOF
#!/bin/sh
export PYTHONPATH='$dir/$1/usr/lib/python3/dist-packages'
[ -x /usr/bin/python3 ] && exec /usr/bin/python3 '$target' "\$@"
exec '$dir/$1/usr/bin/python3' '$target' "\$@"
EOF
      chmod +x "$dir/bin/$2.new"
      ;;
    alertmanager)
      if [ "$2" = alertmanager ]; then
        read_templates_from_package "$target" >"$dir/bin/$2.new"
        chmod +x "$dir/bin/$2.new"
      else
        ln -sfn "$target" "$dir/bin/$2.new"
      fi
      ;;
    *) ln -sfn "$target" "$dir/bin/$2.new" ;;
  esac
  mv -T "$dir/bin/$2.new" "$dir/bin/$2"
}

# Debian's Alertmanager reads default templates from /usr/share and does not start without them. In the
# unpacked program that folder becomes a path of the same length that stands for descriptor 9, which
# the script that is printed opens.
read_templates_from_package() { # PROGRAM
  local folder=/usr/share/prometheus/alertmanager fill=''
  printf -v fill '%*s' $((${#folder} - 9)) ''
  LC_ALL=C sed -i "s|$folder|/dev/fd/${fill// //}9|g" "$1"
  printf '%s\n' '#!/bin/sh' "exec 9<'$dir/alertmanager$folder'" "exec '$1' \"\$@\""
}

fetch() { # GROUP: unpack aside, then rename, so that an interrupted run leaves nothing half done
  local new=$dir/$1.new deb tool
  rm -rf "$new" "$dir/$1"
  if ! download "$1" "$new/debs" 2>"$dir/apt.log"; then
    use_private_apt 2>>"$dir/apt.log" || true # no lists yet, or lists older than the archive
    rm -rf "$new"
    download "$1" "$new/debs" 2>>"$dir/apt.log" || { cat "$dir/apt.log" >&2 && return 1; }
  fi
  # `|| return`: set -e sleeps inside a function whose result is asked for.
  for deb in "$new"/debs/*.deb; do dpkg-deb -x "$deb" "$new" || return 1; done
  rm -r "$new/debs"
  mv "$new" "$dir/$1" || return 1
  for tool in $(tools_of "$1"); do expose "$1" "$tool" || return 1; done
}

has_all() { # GROUP: in the cache, or on PATH
  local tool
  for tool in $(tools_of "$1"); do
    [ -x "$dir/bin/$tool" ] || command -v "$tool" >/dev/null || return 1
  done
}

[ $# -gt 0 ] || set -- prometheus alertmanager mtail
for group; do tools_of "$group" >/dev/null; done

# One at a time: two test runs may start together.
exec 9>"$dir/lock"
command -v flock >/dev/null && flock 9

missing=()
for group; do
  if ! has_all "$group"; then
    if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
      echo "Fetching $group ..." >&2
      fetch "$group" || missing+=("$group")
    else
      missing+=("$group")
    fi
  fi
  has_all "$group" || continue
  for tool in $(tools_of "$group"); do
    if [ -x "$dir/bin/$tool" ]; then echo "$tool $dir/bin/$tool"; else echo "$tool $(command -v "$tool")"; fi
  done
done

if [ ${#missing[@]} -gt 0 ]; then
  echo "Not available: ${missing[*]}. They come from Debian packages (apt-get, dpkg-deb); elsewhere put the tools on PATH." >&2
  exit 1
fi
