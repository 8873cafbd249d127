#!/usr/bin/env bash
# usage: scripts/cluster/slurm.sh REPORTS PATH...
#
# A Slurm array job, submitted in the root of the repository; each task decrypts its part of the sets in PATH and writes its report
# to the folder REPORTS, which all nodes see:
#
#   sbatch --array=1-N scripts/cluster/slurm.sh REPORTS PATH...
#   scripts/cluster/merge REPORTS N
#
# If tasks have died, merge prints their numbers. Submit them again, and say how many there are in all:
#
#   ESDK_SHARDS=N sbatch --array=3,7 scripts/cluster/slurm.sh REPORTS PATH...
#
# ESDK names the command, if it is not on the PATH; ESDK_SCRIPTS the folder scripts, if the job is submitted elsewhere.

#SBATCH --job-name=esdk-vectors
#SBATCH --cpus-per-task=1
#SBATCH --time=01:00:00
#SBATCH --output=slurm-%x-%A_%a.log

# Slurm runs a copy of this file, with nothing next to it.
case ${1:-} in
-h | --help)
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    exit
    ;;
esac
set -euo pipefail

[ $# -ge 2 ] || { echo "usage: sbatch --array=1-N scripts/cluster/slurm.sh REPORTS PATH..." >&2; exit 2; }
reports=$1
shift
exec "${ESDK_SCRIPTS:-$PWD/scripts}/cluster/shard" "$reports" \
    "${ESDK:-esdk}" vectors decrypt "$@" --quiet --jobs="${SLURM_CPUS_PER_TASK:-1}"
