#!/usr/bin/env bash
# The suite that every store passes, the main job, and objects as a source, on Ceph's gateway as Debian has it: one monitor,
# one OSD in memory and radosgw, unpacked into a throw-away folder (70 MB of packages), none of them installed.
# Needs python3 of Debian 12 (3.11) and its package index.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."
repository="$PWD"
work="$(mktemp -d "${TMPDIR:-/tmp}/tidemark-ceph-XXXXXX")"
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap finish EXIT

echo "Ceph: packages"
mkdir "$work/packages" "$work/root" "$work/run" "$work/log" "$work/mon" "$work/osd"
(
  cd "$work/packages"
  apt-get download -qq radosgw ceph-mon ceph-osd ceph-base ceph-common librados2 librgw2 libradosstriper1 librbd1 \
    python3-rados libaio1 libbabeltrace1 libboost-context1.74.0 libboost-filesystem1.74.0 libboost-iostreams1.74.0 \
    libboost-program-options1.74.0 libboost-thread1.74.0 libdaxctl1 libfmt9 libfuse2 libgoogle-perftools4 libibverbs1 \
    libleveldb1d liblua5.3-0 libndctl6 libnl-3-200 libnl-route-3-200 liboath0 libpmem1 librabbitmq4 librdmacm1 \
    libsnappy1v5 libtcmalloc-minimal4 libunwind8
  for package in *.deb; do dpkg -x "$package" ../root; done
)
root="$work/root"
libraries="$root/usr/lib/x86_64-linux-gnu"

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
monitor="$(free_port)"
gateway="$(free_port)"
fsid="$(cat /proc/sys/kernel/random/uuid)"
osd="$(cat /proc/sys/kernel/random/uuid)"
conf="$work/ceph.conf"
cat > "$conf" <<CONF
[global]
fsid = $fsid
mon host = [v1:127.0.0.1:$monitor]
public addr = 127.0.0.1
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd class update on start = false
osd crush update on start = false
osd objectstore = memstore
memstore device bytes = 2147483648
mon data = $work/mon
osd data = $work/osd
run dir = $work/run
admin socket =
log file = $work/log/\$name.log
plugin dir = $libraries/ceph
erasure code dir = $libraries/ceph/erasure-code
osd class dir = $libraries/rados-classes
[client.gateway]
rgw frontends = beast endpoint=127.0.0.1:$gateway
CONF

its_own=(env "LD_LIBRARY_PATH=$libraries:$libraries/ceph:$root/lib/x86_64-linux-gnu" "CEPH_CONF=$conf"
  "PYTHONPATH=$root/usr/lib/python3/dist-packages")
ceph() {
  local program="$1"
  shift
  "${its_own[@]}" "$root/usr/bin/$program" "$@" >> "$work/log/$program.out" 2>&1
}
# Goes on until this script ends.
daemon() {
  local program="$1"
  shift
  "${its_own[@]}" "$root/usr/bin/$program" -f "$@" >> "$work/log/$program.out" 2>&1 &
  pids+=($!)
}
# Commands of the monitor, one JSON each, without the command line that would need more of Python.
monitor_command() {
  "${its_own[@]}" timeout 60 python3 - "$conf" "$@" <<'PYTHON'
import sys
import rados

with rados.Rados(conffile=sys.argv[1], name="client.admin") as cluster:
    for command in sys.argv[2:]:
        code, _, said = cluster.mon_command(command, b"", timeout=30)
        if code != 0:
            sys.exit(f"{command}: {said}")
PYTHON
}

echo "Ceph: monitor, OSD, gateway"
ceph monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$monitor]" "$work/monmap"
ceph ceph-mon -i a --mkfs --monmap "$work/monmap"
daemon ceph-mon -i a
monitor_command "{\"prefix\": \"osd new\", \"uuid\": \"$osd\"}" \
  '{"prefix": "osd crush add", "id": 0, "weight": 1.0, "args": ["root=default", "host=here"]}'
ceph ceph-osd -i 0 --mkfs --osd-uuid "$osd"
daemon ceph-osd -i 0
daemon radosgw -n client.gateway
ceph radosgw-admin -n client.gateway user create --uid=tester --display-name=tester \
  --access-key=tester --secret-key='a secret'

export PATH="$repository/node_modules/.bin:$PATH" AWS_ACCESS_KEY_ID=tester AWS_SECRET_ACCESS_KEY='a secret' AWS_REGION=us-east-1
export TIDEMARK_TEST_FOREIGN_S3="http://127.0.0.1:$gateway" TIDEMARK_TEST_S3="http://127.0.0.1:$gateway"
node --input-type=module -e '
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
const s3 = new S3Client({ endpoint: process.env.TIDEMARK_TEST_S3, forcePathStyle: true, maxAttempts: 30 });
await s3.send(new CreateBucketCommand({ Bucket: "lake" }));
'
node --import ./test/property-seed.ts --test \
  tidemark/src/landing/store/object-store.test.ts test/flows/main-job.test.ts test/flows/s3-source.test.ts
