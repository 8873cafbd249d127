"""scripts/interop/run: lets other implementations read what esdk writes, and esdk what they write."""
import argparse
import contextlib
import datetime
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import gate
import process
import published
import tables
from accumulate import accumulate
from adapter import Adapter, Options
from bench import bench
from esdk import ESDK
from exchange import Exchange
from matrix import Matrix
from peers import PEERS, ROOT, Broken, Unavailable, peer_from_outside, say, seed_branch_keys
from plan import Plan, VectorSet
from process import Limits
from results import Results

EXIT_CODES = "Exit codes: 0 every test passed, 1 a test failed, 2 wrong usage or no build, 3 interrupted, 4 nothing ran."


def main():
    ap = argparse.ArgumentParser(prog="scripts/interop/run", description=__doc__.split(": ", 1)[1].capitalize(), epilog=EXIT_CODES)
    ap.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(PEERS)}; or all of them for which there are the tools")
    ap.add_argument("--accumulate", type=int, metavar="N",
                    help="instead of exchanging the plan, write N messages that follow from a seed, and print one SHA-256 over all of them, "
                         "one over their plaintexts, and one over what each peer reads")
    ap.add_argument("--adapter", action="append", default=[], metavar="COMMAND",
                    help="another peer: the command line of an adapter that is not in this repository; needs --capabilities (may be repeated)")
    ap.add_argument("--baseline", type=Path, metavar="FILE",
                    help="with --matrix, an earlier matrix.json: only what has become worse fails")
    ap.add_argument("--bench", action="store_true", help="compare speeds instead")
    ap.add_argument("--capabilities", action="append", default=[], type=Path, metavar="FILE", help="the capabilities file of that --adapter")
    ap.add_argument("--convention", action="append", default=[], metavar="NAME",
                    help="let esdk write as some other implementation does: see `esdk vectors encrypt --help` (may be repeated)")
    ap.add_argument("--fill", type=Path, metavar="FILE",
                    help="with --matrix, an earlier matrix.json: take the rows and columns of implementations that are not here from it")
    ap.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N",
                    help="let N processes of a peer share the tests (default: as many as there are cores)")
    ap.add_argument("--kms-endpoint", default=os.environ.get("ESDK_LOCAL_AWS"), metavar="URL",
                    help="a local stand-in for AWS KMS and DynamoDB (default: ESDK_LOCAL_AWS, which `scripts/local-aws run` sets)")
    ap.add_argument("--label", metavar="TEXT", help="with --matrix, the name of this run (default: the date)")
    ap.add_argument("--markdown", type=Path, metavar="FILE", help="with --matrix, write it as Markdown as well")
    ap.add_argument("--matrix", type=Path, nargs="?", const="matrix.json", metavar="FILE",
                    help="every peer, and esdk, writes the plan, and every one reads what every one wrote; the result goes to FILE "
                         "(default: matrix.json)")
    ap.add_argument("--memory", type=int, default=4096, metavar="MIB",
                    help="end an adapter that takes more memory; the test at fault fails, the others are run without it (default: 4096)")
    ap.add_argument("--only", default="", metavar="TEXT", help="only scenarios with this in their id or description")
    ap.add_argument("--plan", type=Path, default=ROOT / "manifests/interop/encrypt-manifest.json", metavar="FILE",
                    help="the encrypt manifest (default: manifests/interop)")
    ap.add_argument("--prepare", action="store_true",
                    help="only make the peers ready to run, and print the words of their commands, one a line")
    ap.add_argument("--probe", action="store_true", help="also try what a library is declared to lack: it must not work")
    ap.add_argument("--programs", metavar="DIR", help="where built esdk and esdk-bench are, instead of building them")
    ap.add_argument("--published", type=Path, metavar="DIR",
                    help="instead of exchanging the plan, decrypt what esdk writes of AWS's own plans: DIR has the folders framework and "
                         "dafny. Needs --kms-endpoint")
    ap.add_argument("--report", type=Path, metavar="FILE", help="write the counts, the failures and the skips as JSON")
    ap.add_argument("--require", type=Path, metavar="FILE",
                    help="with --matrix, only these cells have to pass: a JSON list of {writer, reader, kind, passed}")
    ap.add_argument("--seed", default="1", metavar="TEXT", help="with --accumulate, what the messages follow from (default: 1)")
    ap.add_argument("--set", action="append", default=[], type=Path, metavar="DIR",
                    help="with --matrix, a set of vectors that everyone reads too (may be repeated; default: those in vectors/ of "
                         "implementations that are not here, and vectors/forged)")
    ap.add_argument("--timeout", type=float, default=60, metavar="S",
                    help="end an adapter that gives no result for so many seconds, likewise (default: 60)")
    a = ap.parse_args()
    peers = chosen(a, ap)
    if a.prepare:
        for peer in peers.values():
            print(*peer.command(), sep="\n")
        return 0
    options = Options(a.kms_endpoint, a.jobs, Limits(a.timeout, a.memory << 20))
    esdk, results = ESDK(a.programs, a.convention, a.kms_endpoint), Results()
    if a.bench:
        return bench(esdk, peers, results)

    if a.published and not a.kms_endpoint:
        ap.error("--published needs --kms-endpoint")
    if a.published:
        exchange_published(a, options, peers, esdk, results)
    else:
        plan = Plan(a.plan, a.only)
        if not plan.tests:
            ap.error(f"no scenario has an id or description like `{a.only}'")
        if a.accumulate:
            esdk.build()
            accumulate(a.accumulate, a.seed, plan, esdk, peers, results, options)
            print(results.closing_line())
            return int(results.total("failed") > 0)
        if a.matrix:
            return run_matrix(a, options, plan, peers, esdk, results)
        exchange(a, options, plan, peers, esdk, results)
    print(results.text())
    if a.report:
        results.write(a.report)
    # A peer that was asked for by its name has to run.
    return results.exit_code() or (4 if results.unavailable and "all" not in a.peers else 0)


def chosen(a, ap):
    """-> name -> Peer"""
    unknown = [name for name in a.peers if name not in PEERS and name != "all"]
    if unknown:
        ap.error(f"there is no peer `{unknown[0]}', but {', '.join(PEERS)}, all")
    if len(a.adapter) != len(a.capabilities):
        ap.error("every --adapter needs its --capabilities")
    peers = {name: PEERS[name] for name in (PEERS if "all" in a.peers else a.peers)}
    for command, capabilities in zip(a.adapter, a.capabilities):
        peer = peer_from_outside(command, capabilities)
        peers[peer.name] = peer
    if not peers and not (a.matrix or a.accumulate):
        ap.error("name a peer, or all, or give an --adapter")
    return peers


def exchange(a, options, plan, peers, esdk, results):
    if a.kms_endpoint:
        seed_branch_keys(plan.keys, a.kms_endpoint)
    esdk.build()
    for name, peer in peers.items():
        with told(name, results):
            exchange = Exchange(peer, plan, esdk, results, options)
            say(f"running: {name}, {exchange.capabilities.name} {exchange.capabilities.version}")
            exchange.run(a.probe)


def run_matrix(a, options, plan, peers, esdk, results):
    """-> the exit code"""
    required, baseline, fill = (json.loads(a.require.read_text()) if a.require else None, a.baseline and gate.load(a.baseline),
                                a.fill and gate.load(a.fill))
    if a.kms_endpoint:
        seed_branch_keys(plan.keys, a.kms_endpoint)
    esdk.build()
    matrix = Matrix(plan, esdk, results, options, a.label or datetime.date.today().isoformat())
    for name, peer in ({"esdk": esdk.peer()} | peers).items():
        with told(name, results):
            matrix.add_peer(peer)
    problems = [f"{section.title}: {reason}" for section in results.sections for reason in section.failed.values()]  # which do not build
    for folder in a.set or default_sets(matrix):
        matrix.add_set(folder)
    matrix.run()
    content = gate.filled(matrix.result(), fill) if fill else matrix.result()
    a.matrix.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if a.markdown:
        a.markdown.write_text(tables.markdown(content), encoding="utf-8")
    print(tables.text(content))
    if required is not None:
        problems += gate.unmet(content, required)
    if baseline:
        if content["plan"] != baseline["plan"]:
            print("the baseline is of another plan, or of another part of it")
        comparison = gate.compare(content, baseline)
        print(comparison.text())
        problems += comparison.regressions
    for problem in problems:
        print(f"FAILED {problem}")
    print(results.closing_line() if baseline or required is not None else results.text())
    gated = baseline or required is not None
    code = (int(bool(problems)) if results.total("passed") else 4) if gated else results.exit_code()
    return code or (4 if results.unavailable and "all" not in a.peers else 0)


def default_sets(matrix):
    """-> the sets in vectors/ but for those of implementations that are here"""
    here = {(side.client, side.version) for side in matrix.sides}
    sets = [VectorSet(folder) for folder in sorted((ROOT / "vectors").iterdir()) if folder.is_dir()]
    return [s.folder for s in sets if (s.manifest["client"]["name"], s.manifest["client"]["version"]) not in here]


def exchange_published(a, options, peers, esdk, results):
    adapters = {}
    for name, peer in peers.items():
        with told(name, results):
            adapters[name] = Adapter(peer.command(), peer.capabilities(), options)
    if adapters:
        esdk.build()
        published.exchange(a.published, esdk, adapters, results)


@contextlib.contextmanager
def told(name, results):
    """Tells in the results that a peer cannot be made to run, or does not build."""
    try:
        yield
    except Unavailable as e:
        results.unavailable[name] = str(e)
    except Broken as e:
        results.section(name, name, {"adapter": "builds"}).fail("adapter", str(e))


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, process.stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(3)
    except (Broken, Unavailable) as e:
        say(f"scripts/interop/run: {e}")
        sys.exit(2)
    except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as e:
        say(f"scripts/interop/run: {type(e).__name__}: {e}")
        sys.exit(2)
