#!/usr/bin/env bash
# Ceph with its S3 gateway on the loopback interface, a cluster of one node. Takes root.
#
#   ceph-rgw.sh start DIR PORT MONITOR_PORT   on the files in DIR, or on new ones; returns when it answers
#   ceph-rgw.sh stop DIR                      kills it: what it has acknowledged is in DIR
#
# Who calls it may set S3_ACCESS_KEY and S3_SECRET_KEY.
set -euo pipefail

access_key=${S3_ACCESS_KEY:-checkpoint}
secret_key=${S3_SECRET_KEY:-checkpoint-secret}
daemons="mon osd rgw"

install_ceph() {
  for program in ceph-mon ceph-osd radosgw ceph; do
    if ! command -v "$program" > /dev/null; then
      export DEBIAN_FRONTEND=noninteractive
      apt-get -qq update
      apt-get -qq install -y --no-install-recommends ceph-mon ceph-osd radosgw ceph-common
      return
    fi
  done
}

configure() {
  cat > "$dir/ceph.conf" << EOF
[global]
fsid = $(< /proc/sys/kernel/random/uuid)
keyring = $dir/keyring
log_file = $dir/\$name.log
# The path of a socket may be no longer than 107 bytes, and nobody asks the daemons anything.
admin_socket =
mon_host = v2:127.0.0.1:$monitor_port
mon_initial_members = one
public_network = 127.0.0.0/8
ms_bind_ipv6 = false
auth_allow_insecure_global_id_reclaim = false
# One daemon keeps the only copy of everything.
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_warn = 1
osd_crush_chooseleaf_type = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
bluestore_block_size = 34359738368
osd_memory_target = 939524096

[mon]
mon_data = $dir/mon
pid_file = $dir/mon.pid

[osd]
osd_data = $dir/osd
pid_file = $dir/osd.pid

[client.rgw]
# Without Nagle: the gateway sends head and body of an answer apart, and clients acknowledge late.
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
pid_file = $dir/rgw.pid
EOF
}

new_key() {
  ceph-authtool "$dir/keyring" --gen-key --name "$1" "${@:2}" > /dev/null
}

create_cluster() {
  mkdir -p "$dir/mon" "$dir/osd"
  configure
  ceph-authtool --create-keyring "$dir/keyring" > /dev/null
  new_key mon. --cap mon 'allow *'
  new_key client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  new_key osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  new_key client.rgw --cap mon 'allow *' --cap osd 'allow *'
  local cluster
  cluster=$(ceph-conf -c "$conf" --lookup fsid)
  monmaptool --create --fsid "$cluster" --addv one "[v2:127.0.0.1:$monitor_port]" \
    "$dir/monmap" > /dev/null
  ceph-mon -c "$conf" --id one --mkfs --monmap "$dir/monmap" --keyring "$dir/keyring"
  ceph-mon -c "$conf" --id one
  local osd
  osd=$(< /proc/sys/kernel/random/uuid)
  ceph -c "$conf" osd new "$osd" 0 > /dev/null
  ceph-osd -c "$conf" --id 0 --mkfs --osd-uuid "$osd"
  ceph-osd -c "$conf" --id 0
  radosgw-admin -c "$conf" --name client.rgw user create --uid=checkpoint \
    --display-name=checkpoint --access-key="$access_key" --secret-key="$secret_key" > /dev/null
  touch "$dir/created"
}

start() {
  install_ceph
  if [ -e "$dir/created" ]; then
    ceph-mon -c "$conf" --id one
    ceph-osd -c "$conf" --id 0
  else
    create_cluster
  fi
  radosgw -c "$conf" --name client.rgw
  for _ in $(seq 600); do
    if (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
      return
    fi
    sleep 0.1
  done
  echo "no answer on port $port" >&2
  exit 1
}

stop() {
  local name pid
  for name in $daemons; do
    if [ -e "$dir/$name.pid" ]; then
      pid=$(< "$dir/$name.pid")
      kill -KILL "$pid" 2> /dev/null || true
      while kill -0 "$pid" 2> /dev/null && ! grep -q '^State:.*Z' "/proc/$pid/status"; do
        sleep 0.05
      done
      rm -f "$dir/$name.pid"
    fi
  done
}

action=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
conf=$dir/ceph.conf
case $action in
  start)
    port=$3
    monitor_port=$4
    start
    ;;
  stop)
    stop
    ;;
  *)
    echo "start or stop, not $action" >&2
    exit 2
    ;;
esac
