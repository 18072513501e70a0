-- fct_match
-- what:    how many people the datasets of a batch name, by what they were known
-- grain:   one row per dataset, batch_code and known_by
-- reads:   staging.stg_matches, staging.stg_batches
-- params:  none
select
    matches.dataset,
    matches.batch_code,
    matches.known_by,
    matches.known_by <> 'none' as is_known,
    matches.row_count,
    matches.people,
    cycle_of(batches.closed_on) as cycle
from staging.stg_matches as matches
inner join staging.stg_batches as batches on batches.batch_code = matches.batch_code
