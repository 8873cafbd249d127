"""The list of checks that scripts/mutate switches off fits the sources."""
import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True


def mutate():
    loader = importlib.machinery.SourceFileLoader("mutate", str(ROOT / "scripts/mutate"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
    loader.exec_module(module)
    return module


class MutationTests(unittest.TestCase):
    def setUp(self):
        self.mutate = mutate()

    def test_every_check_is_once_in_its_file(self):
        self.assertGreater(len(self.mutate.ALL), 40)
        for file in {mutation["file"] for mutation in self.mutate.ALL}:
            with self.subTest(file=file):
                text = (ROOT / "Sources" / file).read_text()
                self.mutate.mutated(text, [mutation for mutation in self.mutate.ALL if mutation["file"] == file])

    def test_names_are_unique(self):
        names = [mutation["name"] for mutation in self.mutate.ALL]
        self.assertEqual(len(names), len(set(names)))

    def test_a_sample_is_of_one_test_target_and_its_seed(self):
        targets = self.mutate.test_targets(self.mutate.ALL)
        self.assertGreater(sum(map(len, targets.values())), 0.8 * len(self.mutate.ALL))
        target, chosen = self.mutate.sample(targets, 5, "seed")
        self.assertEqual(self.mutate.sample(targets, 5, "seed"), (target, chosen))
        self.assertEqual([mutation for mutation in chosen if mutation not in targets[target]], [])
        self.assertIn(f'var needed: Set = ["{target}"]', self.mutate.package(target))
        seen = {mutation["name"] for day in range(200) for mutation in self.mutate.sample(targets, 8, str(day))[1]}
        self.assertGreater(len(seen), 0.8 * len(self.mutate.ALL))

    def test_a_condition_and_a_statement_get_a_switch(self):
        entry = {"name": "n", "file": "f", "becomes": "true"}
        switched = self.mutate.mutated("guard a == b else { c }\ntry d()", [
            entry | {"text": "guard ⟦a == b⟧ else"},
            entry | {"name": "m", "text": "⟦try d()⟧", "becomes": "nothing"},
        ])
        self.assertEqual(switched, 'guard (Mutation.isOn("n") ? (true) : (a == b)) else { c }\n'
                                   'if !Mutation.isOn("m") { try d() }')
        with self.assertRaises(self.mutate.Unusable):
            self.mutate.mutated("a == b, a == b", [entry | {"text": "⟦a == b⟧"}])


if __name__ == "__main__":
    unittest.main()
