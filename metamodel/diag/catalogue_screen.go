package diag

var _ = Register(
	Entry{"view.field_twice", Invalid, Text{"“{name}”在这里放了两次。", "“{name}” is placed here twice."}, Text{}},
	Entry{"view.entity_lines", Invalid, Text{"明细实体“{name}”不能有自己的视图。", "Lines “{name}” can't have a view of their own."}, Text{"请在所属单据的表单里展示明细。", "Show them in the form of the document that they belong to."}},
	Entry{"view.columns_not_lines", Invalid, Text{"只有明细字段才有 columns。", "Only a lines field has columns."}, Text{}},
	Entry{"view.span_too_wide", Invalid, Text{"字段跨 {span} 列，但分组只有 {columns} 列。", "The field spans {span} columns, but its section has {columns}."}, Text{}},
	Entry{"view.total_unusable", Invalid, Text{"不能对“{name}”做“{total}”合计。", "“{total}” can't be taken of “{name}”."}, Text{"sum、avg 用于数字，min、max 用于数字和日期，count 用于任何字段。", "sum and avg are for numbers, min and max for numbers and dates, count for anything."}},
	Entry{"view.field_unusable", Invalid, Text{"“{name}”不能用在“{key}”。", "“{name}” can't be used for “{key}”."}, Text{}},
	Entry{"view.form_mismatch", Invalid, Text{"“{name}”不是同一实体的表单。", "“{name}” is not a form of the same entity."}, Text{}},
	Entry{"card.groups", Invalid, Text{"“{type}”卡片应有 {min} 到 {max} 个分组，而不是 {actual} 个。", "A card of type {type} has from {min} to {max} keys to group by, not {actual}."}, Text{"请增减 group，或换一种卡片。", "Change group, or take another type."}},
	Entry{"card.empty", Invalid, Text{"“{type}”卡片没有要显示的内容。", "The card of type {type} shows nothing."}, Text{"图表和数字要有 measures，列表要有 columns。", "Charts and numbers need measures, lists need columns."}},
	Entry{"card.by_unusable", Invalid, Text{"“{name}”不是日期，不能按“{by}”分组。", "“{name}” is no date and can't be grouped by {by}."}, Text{"请去掉 by，或换成日期字段。", "Leave by out, or take a date."}},
	Entry{"card.bind_unusable", Invalid, Text{"“{name}”里不是筛选“{filter}”所选的内容，不能绑定。", "“{name}” doesn't hold what the filter “{filter}” is about."}, Text{"期间绑定日期字段，引用绑定指向同一实体的字段，选项绑定使用同一选项集的字段。", "A period binds a date, a reference a field that points at the same entity, a choice a field of the same enum."}},
	Entry{"card.period_unbound", Invalid, Text{"有“{key}”的卡片必须把一个期间筛选绑定到日期字段。", "A card with “{key}” must bind a period filter to a date."}, Text{"请在 bind 里写明期间所管的日期字段。", "Say in bind which date the period is about."}},
	Entry{"card.view_mismatch", Invalid, Text{"“{name}”不是同一实体的表格、看板或日历。", "“{name}” is no table, board or calendar of the same entity."}, Text{}},
	Entry{"card.not_found", NotFound, Text{"没有卡片“{card}”，或您无权查看。", "There is no card “{card}”, or you may not see it."}, Text{}},
	Entry{"card.filter_not_found", Invalid, Text{"仪表盘没有筛选“{filter}”，或您无权使用。", "The dashboard has no filter “{filter}”, or you may not use it."}, Text{}},
	Entry{"card.filter_value", Invalid, Text{"“{value}”不能用于筛选“{filter}”。", "“{value}” can't be used for the filter “{filter}”."}, Text{"期间写成 from、to 两个日期或期间名称，引用写记录的 id，选项写选项的名称。", "A period is two dates, from and to, or a period's name; a reference is a record's id; a choice is an option's name."}},
	Entry{"card.period_reversed", Invalid, Text{"期间的开始 {from} 晚于结束 {to}。", "The period begins at {from}, after its end at {to}."}, Text{"请对调两个日期。", "Change the two dates round."}},
	Entry{"view.limit_not_option", Invalid, Text{"看板不是按选项分列，不能有 limits。", "The board's columns are not options, so it can't have limits."}, Text{}},

	Entry{"role.grant_twice", Invalid, Text{"角色对实体“{name}”授权了两次。", "The role has two grants on entity “{name}”."}, Text{"请合并成一个。", "Make them one."}},
	Entry{"role.grant_lines", Invalid, Text{"不能单独授权明细“{name}”，它随所属单据授权。", "Lines “{name}” can't be granted on their own; they come with their document."}, Text{}},
	Entry{"role.inherits_cycle", Invalid, Text{"角色互相继承：{cycle}。", "Roles inherit each other in a circle: {cycle}."}, Text{}},
	Entry{"role.mask_required", Invalid, Text{"必填字段“{name}”对此角色不可填写，但角色可以新建记录。", "Required field “{name}” can't be filled in by this role, though it may create records."}, Text{"请给字段设默认值，或取消遮蔽。", "Give the field a default, or lift the mask."}},
	Entry{"role.read_missing", Invalid, Text{"角色可以操作“{name}”，却不能查看。", "The role may act on “{name}” without reading it."}, Text{"通常应同时授予 read。", "Usually read is granted as well."}},

	Entry{"menu.view_and_items", Invalid, Text{"菜单项要么打开一个视图，要么含有子项。", "A menu item either opens a view or has items, never both or neither."}, Text{}},
	Entry{"app.timezone_malformed", Invalid, Text{"“{value}”不是时区名称。", "“{value}” is not the name of a time zone."}, Text{"请写成 Asia/Shanghai 这样的名称。", "Write it as Asia/Shanghai."}},
	Entry{"app.version_malformed", Invalid, Text{"“{value}”不是版本号。", "“{value}” is not a version."}, Text{"请写成 1.0.0 这样的形式。", "Write it as 1.0.0."}},

	Entry{"scenario.step_verb", Invalid, Text{"每一步要且只要一个动作：create、update、transition、delete 或 read。", "A step has exactly one act: create, update, transition, delete or read."}, Text{}},
	Entry{"scenario.failed", Invalid, Text{"{count} 个场景中有 {failed} 个没有通过。", "{failed} of {count} scenarios failed."}, Text{"请按上面列出的原因修改文档或场景。", "Change the documents or the scenarios as said above."}},
	Entry{"scenario.handle_unknown", Invalid, Text{"“${name}”还没有定义。", "“${name}” has not been defined before."}, Text{"请先用 \"$\": \"{name}\" 给记录命名。", "Name the record with \"$\": \"{name}\" first."}},
	Entry{"scenario.expectation", Invalid, Text{"每个期望只能检查一条记录（record、equals）、条数（entity、filter、count）或账本（ledger、at、quantity、value）之一。", "An expectation looks at one of a record (record, equals), a count (entity, filter, count) or a ledger (ledger, at, quantity, value)."}, Text{}},

	Entry{"pack.unreadable", Malformed, Text{"不是可读的 ZIP 文件。", "This is not a readable ZIP file."}, Text{}},
	Entry{"pack.entry_unsafe", Invalid, Text{"压缩包中的“{name}”不是允许的路径。", "“{name}” in the archive is not an allowed path."}, Text{"只允许 app.json 和文档文件夹中的 .json 文件，不能有上级路径、绝对路径、链接或嵌套压缩包。", "Only app.json and .json files in the document folders are allowed: no parent or absolute paths, links or nested archives."}},
	Entry{"pack.entry_duplicate", Invalid, Text{"压缩包中有两个“{name}”。", "“{name}” is in the archive twice."}, Text{}},
	Entry{"pack.ratio", Invalid, Text{"“{name}”压缩得过于厉害，已拒绝解开。", "“{name}” is compressed suspiciously well and was not unpacked."}, Text{}},
)
