// Package value is what a field holds at run time: exact decimals, calendar dates, times of day, and the row
// of slots that a record is. It must never use float64 for a number a person typed, nor know a database.
//
// A slot holds, by field kind (nil is null for every kind):
//
//	text, long text, rich text, barcode, phone, e-mail, link, number  string
//	integer                                                            int64
//	decimal, money, percent                                            Decimal
//	boolean                                                            bool
//	date                                                               Date
//	date-time                                                          time.Time (UTC, microseconds)
//	time                                                               TimeOfDay
//	duration                                                           time.Duration (whole seconds)
//	choice                                                             string (the option's name)
//	choices                                                            []string (options' names)
//	reference, tree, user, department                                  string (an id)
//	references, file, image                                            []string (ids)
//	JSON                                                               JSON
//	lines                                                              []Row
package value

// Row is one record as slots, in the order of metamodel.Entity.Columns.
type Row []any

// JSON is a JSON value in canonical text.
type JSON string
