#!/bin/sh
# Build the images without Docker, and let them test themselves: Debian bootstrapped into a folder stands for the base image,
# buildah executes the Dockerfiles in it, and each image's health check runs as its own user on a read-only root.
#
#   sudo deploy/try.sh [edge] [server]
#
# Needs root, buildah and debootstrap (apt-get install buildah debootstrap). Certificates and the settings of pip are lent to
# the builds, and what else TRY_LEND names; TRY_FOLDER is where the base is kept for the next time.
set -eu

cd "$(dirname "$0")/.."
FOLDER=${TRY_FOLDER:-/var/tmp/auscult-try}
SUITE=${TRY_SUITE:-bookworm}
BASE=localhost/auscult-base
EDGE_MB=200

for program in buildah debootstrap; do
    command -v "$program" >/dev/null || { echo "There is no $program here: apt-get install buildah debootstrap" >&2; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo "This needs root: it makes a root file system." >&2; exit 2; }

export BUILDAH_ISOLATION=chroot
CONTAINERS="--root $FOLDER/images --runroot $FOLDER/run"
mkdir -p "$FOLDER"

# What pip and apt of this machine are told, they are told inside, too.
lent() {
    for place in /etc/ssl/certs /usr/share/ca-certificates /usr/local/share/ca-certificates /etc/pip.conf ${TRY_LEND:-}; do
        [ -e "$place" ] && printf -- '--volume %s:%s:ro ' "$place" "$place"
    done
    true
}

base() {
    buildah $CONTAINERS inspect --type image "$BASE" >/dev/null 2>&1 && return
    echo "== The base: Debian $SUITE with Python"
    [ -d "$FOLDER/base/usr" ] || debootstrap --variant=minbase \
        --include=python3,python3-venv,python3-pip,ca-certificates "$SUITE" "$FOLDER/base" >"$FOLDER/debootstrap.log"
    container=$(buildah $CONTAINERS from scratch)
    buildah $CONTAINERS add --quiet "$container" "$FOLDER/base" / >/dev/null
    buildah $CONTAINERS commit --quiet "$container" "$BASE" >/dev/null
    buildah $CONTAINERS rm "$container" >/dev/null
}

build() {
    echo "== $1: building"
    # shellcheck disable=SC2046
    buildah $CONTAINERS build --format docker --layers=false --build-arg "BASE=$BASE" $(lent) \
        ${NODE_EXTRA_CA_CERTS:+--build-arg "NODE_EXTRA_CA_CERTS=$NODE_EXTRA_CA_CERTS"} \
        --file "deploy/$1.Dockerfile" --tag "auscult-$1" . >"$FOLDER/$1.log" 2>&1 ||
        { tail -30 "$FOLDER/$1.log" >&2; exit 1; }
}

measure() {
    container=$(buildah $CONTAINERS from "auscult-$1")
    root=$(buildah $CONTAINERS mount "$container")
    site=$(find "$root/opt/auscult/lib" -maxdepth 2 -name site-packages)
    site_mb=$(du -s --apparent-size --block-size=1000000 "$site" | cut -f1)
    bare_mb=$(du -s --apparent-size --block-size=1000000 "$FOLDER/base" | cut -f1)
    all_mb=$(du -s --apparent-size --block-size=1000000 "$root" | cut -f1)
    echo "== $1: site-packages $site_mb MB, the image $all_mb MB, of which the base is $bare_mb MB"
    if [ "$1" = edge ] && [ "$site_mb" -gt "$EDGE_MB" ]; then
        echo "The edge install is larger than $EDGE_MB MB." >&2
        exit 1
    fi
}

# As `docker run --read-only --tmpfs /tmp` does, and by the image's own user: whatever it writes elsewhere fails.
locked_in() {
    user=$(buildah $CONTAINERS inspect --type image --format '{{.Docker.Config.User}}' "auscult-$1")
    [ -n "$user" ] && [ "${user%%:*}" != 0 ] || { echo "auscult-$1 runs as root." >&2; exit 1; }
    shift
    unshare --mount --pid --fork --kill-child sh -eu -c '
        root=$1 user=$2; shift 2
        mount --bind "$root" "$root"
        mount -o remount,bind,ro "$root"
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/tmp"
        mount -t tmpfs -o size=64m,mode=1777 tmpfs "$root/data"
        exec chroot --userspec="$user" "$root" /usr/bin/env -i HOME=/tmp OMP_NUM_THREADS=1 PATH=/opt/auscult/bin:/usr/bin:/bin \
            PYTHONDONTWRITEBYTECODE=1 AUSCULT_KEYS=only-for-this-one-try AUSCULT_BEAT=/tmp/auscult-beat "$@"
    ' locked-in "$root" "$user" "$@"
}

self_test() {
    check=$(buildah $CONTAINERS inspect --type image --format '{{range .Docker.Config.Healthcheck.Test}}{{.}} {{end}}' "auscult-$1")
    case $check in
        "CMD "*) ;;
        *) echo "auscult-$1 has no health check." >&2; exit 1 ;;
    esac
    begin="auscult serve --host 0.0.0.0 --port 8000 --data-dir /data"
    [ "$1" = server ] || begin="auscult listen /opt/selftest/fan.onnx --source machine:fan --plain --events"
    echo "== $1: its health check, on a read-only root, as its own user, beside what it looks at"
    # shellcheck disable=SC2086
    locked_in "$1" /bin/sh -eu -c '
        $1 >/tmp/begun 2>&1 & begun=$!
        shift
        for _ in $(seq 30); do
            if "$@" >/tmp/checked 2>&1; then
                tail -1 /tmp/checked
                kill $begun
                wait $begun
                exit
            fi
            sleep 1
        done
        cat /tmp/begun /tmp/checked >&2
        exit 1
    ' check "$begin" ${check#CMD }
    if locked_in "$1" /bin/sh -c 'touch /opt/auscult/written' 2>/dev/null; then
        echo "auscult-$1: its root could be written to." >&2
        exit 1
    fi
}

clean() {
    buildah $CONTAINERS umount "$container" >/dev/null
    buildah $CONTAINERS rm "$container" >/dev/null
}

base
for image in ${@:-edge server}; do
    build "$image"
    measure "$image"
    self_test "$image"
    if [ "$image" = edge ]; then
        echo "== edge: the simulated ventilator, learned and heard there"
        locked_in edge auscult selftest 2>&1 | tail -1
        locked_in edge auscult sources
    else
        echo "== server: the driver for Postgres is there, with the library that it needs"
        locked_in server python3 -c 'import psycopg; print(psycopg.__version__, psycopg.pq.version())'
        echo "== server: it starts, and answers whom it knows"
        locked_in server /bin/sh -eu -c '
            auscult serve --host 0.0.0.0 --port 8765 --data-dir /data --json & server=$!
            python3 - <<"END"
import sys, time, urllib.request
def answer(path):
    key = {"Authorization": "Bearer only-for-this-one-try"}
    return urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:8765" + path, headers=key)).read().decode()
for _ in range(300):
    try:
        print(answer("/api/health")[:60])
        break
    except OSError:
        time.sleep(0.2)
sys.exit("<script" not in answer("/"))
END
            kill $server; wait $server'
    fi
    clean
done
echo "== All is well."
