-- fct_response
-- what:    answers to the questionnaires about batches; more is better
-- grain:   one row per instrument_code, response_code and item_code
-- reads:   staging.stg_responses, staging.stg_batches
-- params:  none
select
    responses.instrument_code,
    responses.batch_code,
    responses.response_code,
    responses.item_code,
    responses.subscale,
    responses.answer,
    responses.scale_min,
    responses.scale_max,
    responses.answer >= responses.scale_max - 1 as is_top_two,
    cycle_of(batches.closed_on) as cycle
from staging.stg_responses as responses
inner join staging.stg_batches as batches on batches.batch_code = responses.batch_code
