-- presentations
-- what:    the 22 presentations with calendar days: B starts in February, J in October
-- grain:   one row per code_module and code_presentation
-- reads:   courses
select
    code_module,
    code_presentation,
    code_module || '-' || code_presentation as batch_code,
    first_day as starts_on,
    first_day + cast(module_presentation_length as integer) as ends_on
from (
    select
        *,
        make_date(
            cast(left(code_presentation, 4) as integer),
            case right(code_presentation, 1) when 'B' then 2 else 10 end,
            1
        ) as first_day
    from courses
)
