-- stg_test_scores
-- what:    test scores on a scale of 0 to 100
-- grain:   one row per batch_code, person_key, instrument_code and occasion
-- reads:   accepted.test_scores
-- params:  none
select
    batch_code,
    person_key,
    instrument_code,
    instrument_version,
    occasion,
    cast(cast(score as decimal(18, 4)) * 100 / max_score as decimal(18, 4)) as score
from accepted.test_scores
