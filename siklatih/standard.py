"""Whether a contract conforms to the Open Data Contract Standard; for tests and whoever writes one."""

from __future__ import annotations

from pathlib import Path

from siklatih.contracts import contract_fault
from siklatih.yaml_files import config_bytes, parse_yaml


def check_standard(path: Path) -> None:
    """Check a contract against the ODCS schema, and read it with the standard's own models.

    The models drop keys they do not know in silence; the schema catches them, hence both.

    Raises:
        MendError: the file does not conform.
    """
    import json  # noqa: PLC0415
    from importlib import resources  # noqa: PLC0415

    import jsonschema  # noqa: PLC0415
    from open_data_contract_standard.model import OpenDataContractStandard  # noqa: PLC0415

    content = config_bytes(path)
    document = parse_yaml(content, path.name)
    packed = resources.files("open_data_contract_standard").joinpath("schema.json")
    schema = json.loads(packed.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.path)))
    if errors:
        place = "/".join(str(step) for step in errors[0].path)
        raise contract_fault(path, f"{place}: {errors[0].message[:200]}")
    OpenDataContractStandard.from_string(content.decode("utf-8"))
