-- stg_responses
-- what:    answers turned so that more is better, with the item's subscale and scale
-- grain:   one row per instrument_code, response_code and item_code
-- reads:   accepted.responses, config.items
-- params:  none
select
    responses.instrument_code,
    responses.batch_code,
    responses.response_code,
    responses.item_code,
    items.subscale,
    case
        when items.is_reversed then items.scale_min + items.scale_max - responses.answer
        else responses.answer
    end as answer,
    items.scale_min,
    items.scale_max,
    responses.submitted_at
from accepted.responses as responses
inner join config.items as items
    on
        items.instrument_code = responses.instrument_code
        and items.instrument_version = responses.instrument_version
        and items.item_code = responses.item_code
