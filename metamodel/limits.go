package metamodel

// Limits of an app. They bound what one save, one compile and one page may cost; the reference docs are
// generated from them.
const (
	MaxDocumentBytes = 1 << 20  // one document's JSON text
	MaxAppBytes      = 32 << 20 // all documents of an app together
	MaxDocuments     = 5000     // documents of an app
	MaxDepth         = 32       // nesting of a document's JSON
	MaxNodes         = 200_000  // values in one document's JSON

	MaxEntities    = 500
	MaxEnums       = 1000
	MaxViews       = 2000
	MaxRoles       = 200
	MaxScenarios   = 1000
	MaxFields      = 300  // of one entity
	MaxRules       = 200  // of one entity
	MaxTransitions = 100  // of one entity
	MaxIndexes     = 64   // x-unique and x-indexes of one entity together
	MaxKeyFields   = 8    // of one key or index
	MaxSearch      = 20   // paths that the search looks into
	MaxOptions     = 1000 // of one enum
	MaxPath        = 4    // fields on one path, the last included
	MaxSections    = 50   // of one form
	MaxItems       = 400  // of one form, all sections together
	MaxColumns     = 100  // of one table, board or grid
	MaxSort        = 5
	MaxColors      = 50
	MaxSaved       = 50
	MaxWIPLimits   = 100
	MaxGrants      = 500 // of one role
	MaxInherits    = 20
	MaxMenu        = 500 // menu items, groups included
	MaxMenuDepth   = 3
	MaxGiven       = 500 // records of one scenario
	MaxSteps       = 200
	MaxThen        = 100

	MaxLabel   = 200  // characters of a title
	MaxHelp    = 2000 // characters of a description
	MaxMessage = 500  // characters of a rule's message
	MaxFormula = 4096 // bytes of an expression
	MaxPattern = 256  // characters of a regular expression

	MaxInteger = 9007199254740991 // the greatest integer that every client holds exactly

	DefaultTextLength = 200
	MaxTextLength     = 4000
	DefaultLongLength = 4000
	MaxLongLength     = 100_000
	DefaultRichLength = 20_000
	BarcodeLength     = 64
	PhoneLength       = 32
	EmailLength       = 254
	LinkLength        = 2048
	NumberLength      = 60

	MaxPrecision   = 18
	MaxScale       = 9
	DecimalScale   = 4
	MoneyScale     = 2
	PercentScale   = 4
	DefaultItems   = 50  // choices, references
	DefaultFiles   = 10  // files, images
	MaxFiles       = 50  // files, images
	MaxListItems   = 200 // choices, references
	DefaultLines   = 500
	MaxLines       = 1000
	MaxNumberDigit = 12
	DefaultPage    = 50
	MaxPage        = 200
	MaxFormColumns = 4
	MaxWidth       = 2000 // pixels of a column
)
