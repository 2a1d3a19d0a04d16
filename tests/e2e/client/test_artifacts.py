"""Generated TypeScript compiles, and Zod agrees with the validator."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.client.npm import HERE
from tests.support.documents import SCHEMA, documents
from wordclaw.schema.artifacts.typescript import print_typescript, print_zod
from wordclaw.schema.compiled import compile_schema

pytestmark = pytest.mark.client
CHECK = """
import { BlogPostSchema } from "./zod.js";
import { readFileSync } from "node:fs";
const documents = JSON.parse(readFileSync("documents.json", "utf8"));
console.log(JSON.stringify(documents.map((each) => BlogPostSchema.safeParse(each).success)));
"""
# A document of the type compiles, and one that lacks a title does not.
USE = """
import type { BlogPost } from "./types.js";
export const good: BlogPost = { title: "x", blocks: [{ type: "rule" }] };
// @ts-expect-error
export const bad: BlogPost = { blocks: [] };
"""


def test_types_compile_and_zod_agrees_with_the_validator(tmp_path: Path):
    samples = list(documents(300))
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "types.ts").write_text(print_typescript(SCHEMA, "Blog post"))
    (tmp_path / "zod.ts").write_text(print_zod(SCHEMA, "Blog post"))
    (tmp_path / "use.ts").write_text(USE)
    (tmp_path / "check.mjs").write_text(CHECK)
    (tmp_path / "documents.json").write_text(json.dumps(samples))

    compiler = ["node", "node_modules/typescript/bin/tsc", "--strict", "--skipLibCheck"]
    options = ["--module", "nodenext", "--target", "es2022", "types.ts", "zod.ts", "use.ts"]
    compiled_schema = subprocess.run(
        [*compiler, *options], cwd=tmp_path, capture_output=True, text=True
    )
    assert compiled_schema.stdout == ""
    answers = subprocess.run(["node", "check.mjs"], cwd=tmp_path, capture_output=True, text=True)

    schema = compile_schema(SCHEMA)
    expectation = [schema.errors(document) == [] for document in samples]
    different = [
        document
        for document, answer, right in zip(
            samples, json.loads(answers.stdout), expectation, strict=True
        )
        if answer != right
    ]
    assert different == []
