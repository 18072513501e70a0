-- rpt_slice_names
-- what:    the names readers see for the codes of slices
-- grain:   one row per slice_kind and slice_code
-- reads:   core.dim_programme, core.dim_unit
-- params:  none
select 'programme' as slice_kind, programme_code as slice_code, programme_name as slice_name, method
from core.dim_programme
union all
select 'unit' as slice_kind, unit_code as slice_code, unit_name as slice_name, null as method
from core.dim_unit
order by slice_kind, slice_code
