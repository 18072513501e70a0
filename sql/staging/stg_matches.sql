-- stg_matches
-- what:    how many people the datasets of a batch name, by what they were known
-- grain:   one row per dataset, batch_code and known_by
-- reads:   quality.matches
-- params:  none
select dataset, batch_code, known_by, row_count, people
from quality.matches
where batch_code is not null
