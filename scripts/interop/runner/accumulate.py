"""One number for many messages: the plan, written again and again from seeds, and read by everyone."""
import hashlib
import shutil

from adapter import Adapter, complaint
from capabilities import needs_kms
from exchange import work_folder
from peers import Broken, say
from plan import VectorSet


class Accumulated:
    """A SHA-256 over the SHA-256 of each of many byte strings."""

    def __init__(self):
        self.count, self.digest = 0, hashlib.sha256()

    def add(self, content: bytes):
        self.count += 1
        self.digest.update(hashlib.sha256(content).digest())

    def __str__(self):
        return f"{self.digest.hexdigest()}  {self.count}"


def accumulate(number, seed, plan, esdk, peers, results, options):
    """Writes `number` messages: in round 0, 1, 2 ... the plan with the seed `SEED ROUND`, in the order of the ids of its tests. Prints the
    numbers of all messages and of their plaintexts, and that of the plaintexts that each peer came to, which is to be that of the plan."""
    messages, plaintexts = Accumulated(), Accumulated()
    adapters = {name: Adapter(peer.command(), peer.capabilities(), options) for name, peer in peers.items()}
    expected, found = ({name: Accumulated() for name in adapters} for _ in range(2))
    first = {}  # name of a peer -> what was wrong first
    with work_folder("accumulated") as work:
        manifest = plan.write(plan.tests, work / "plan")
        rounds = 0
        while messages.count < number:
            say(f"round {rounds}: {messages.count} of {number} messages")
            folder = work / "set"
            vectors = VectorSet(folder, esdk.write("encrypt", manifest, folder, "v5", ["--seed", f"{seed} {rounds}"]))
            ids = sorted(vectors.tests)[:number - messages.count]
            if not ids:
                raise Broken("no message of the plan follows from a seed")
            for i in ids:
                messages.add(vectors.message(i))
                plaintexts.add(plan.plaintext(i))
            for name, adapter in adapters.items():
                asked = [i for i in ids if not adapter.capabilities.gap("decrypt", plan.tests[i], len(plan.plaintext(i)))
                         and (options.kms_endpoint or not needs_kms(plan.tests[i]))]
                outcomes = adapter.run("decrypt", vectors.write(name, vectors.some(asked)), work / name)
                for i in asked:
                    expected[name].add(plan.plaintext(i))
                    found[name].add(outcomes[i].output.read_bytes() if outcomes[i].output else outcomes[i].detail.encode())
                    wrong = complaint(outcomes[i], plan.plaintext(i))
                    if wrong:
                        first.setdefault(name, f"round {rounds}, {i}: {wrong}")
                shutil.rmtree(work / name)
            shutil.rmtree(folder)
            rounds += 1
    print(f"{messages}  messages\n{plaintexts}  plaintexts")
    for name in adapters:
        section = results.section(f"{name}-accumulated", f"{name}: plaintexts", {"accumulated": f"{found[name].count} plaintexts"})
        print(f"{found[name]}  plaintexts of {name}" + (f", instead of {expected[name]}: {first[name]}" if name in first else ""))
        section.fail("accumulated", first[name]) if name in first else section.pass_("accumulated")
