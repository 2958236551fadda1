// Package policy answers what an actor may do with an entity's records: which actions, which rows, which
// fields, and why. It is compiled once per state of an app and answers from memory. Rights come from roles
// alone: without a grant there is no access. It must never read the database, the clock or a request.
//
// # How several grants combine
//
// A person often has several roles, each with its own row rule and field masks on the same entity. For one
// action the decision is made of all grants that allow that action, those of inherited roles included:
//
//   - Rows are joined by OR: a record is in reach when any grant's rule holds for it. One grant without a
//     rule puts all records in reach.
//   - Fields must never become visible on a record through a grant whose rule doesn't hold for it. So when
//     there are grants without a rule, a field is as open as the most open of these; when every grant has a
//     rule, a field is only as open as the least open of them.
//   - What may be seen while doing something else than reading (exporting, changing, importing …) is bounded
//     by the grants of that action and, where the actor has any, by those of reading as well.
//   - A line's field is never more open than the field that holds the lines.
//
// Masks, from closed to open: hidden (unknown everywhere), masked (shown as ***; no filter, sort, group,
// aggregate or export), readonly, and without a mask readable and, where the action writes, writable.
package policy
