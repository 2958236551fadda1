package metamodel

// Limits of an app. They bound what one save, one compile and one page may cost; the reference docs are
// generated from them.
const (
	MaxDocumentBytes = 1 << 20  // one document's JSON text
	MaxAppBytes      = 32 << 20 // all documents of an app together
	MaxDocuments     = 5000     // documents of an app
	MaxDepth         = 32       // nesting of a document's JSON
	MaxNodes         = 200_000  // values in one document's JSON

	MaxEntities    = 500  // of one app
	MaxEnums       = 1000 // of one app
	MaxViews       = 2000 // of one app
	MaxRoles       = 200  // of one app
	MaxScenarios   = 1000 // of one app
	MaxFields      = 300  // of one entity
	MaxRules       = 200  // of one entity
	MaxTransitions = 100  // of one entity
	MaxPostings    = 50   // of one entity
	MaxLedgers     = 50   // of one app
	MaxDimensions  = 12   // of one ledger
	MaxLedgerName  = 50   // characters: what it keeps is called after it
	MaxLedgerKey   = 500  // characters of all dimensions of a key together
	MaxIndexes     = 64   // x-unique and x-indexes of one entity together
	MaxKeyFields   = 8    // of one key or index
	MaxSearch      = 20   // paths that the search looks into
	MaxOptions     = 1000 // of one enum
	MaxPath        = 4    // fields on one path, the last included
	MaxSections    = 50   // of one form
	MaxItems       = 400  // of one form, all sections together
	MaxColumns     = 100  // of one table, board or grid
	MaxSignatures  = 8    // places to sign below a printed record
	MaxSort        = 5    // fields that a view sorts by
	MaxColors      = 50   // colour rules of one view
	MaxSaved       = 50   // saved filters of one table
	MaxWIPLimits   = 100  // limited columns of one board
	MaxCards       = 40   // of one dashboard
	MaxFilters     = 10   // of one dashboard
	MaxMeasures    = 10   // of one card
	MaxCardGroups  = 4    // keys that a card groups by
	MaxCardLimit   = 1000 // groups of a card
	MaxCardWidth   = 12   // columns of a dashboard
	MaxCardHeight  = 4    // rows that a card takes
	MaxGrants      = 500  // of one role
	MaxInherits    = 20   // roles that a role inherits from
	MaxTold        = 20   // roles that a rule tells
	MaxMenu        = 500  // menu items, groups included
	MaxMenuDepth   = 3    // levels of the menu
	MaxGiven       = 500  // records of one scenario
	MaxSteps       = 200  // steps of one scenario
	MaxThen        = 100  // expectations of one scenario

	MaxLabel   = 200  // characters of a title
	MaxHelp    = 2000 // characters of a description
	MaxMessage = 500  // characters of a rule's message
	MaxFormula = 4096 // bytes of an expression
	MaxPattern = 256  // characters of a regular expression

	MaxInteger = 9007199254740991 // the greatest integer that every client holds exactly

	DefaultTextLength = 200     // characters of a text that doesn't say
	MaxTextLength     = 4000    // characters of a text
	DefaultLongLength = 4000    // characters of a long text that doesn't say
	MaxLongLength     = 100_000 // characters of a long or rich text
	DefaultRichLength = 20_000  // characters of a rich text that doesn't say
	BarcodeLength     = 64      // characters of a barcode that doesn't say
	PhoneLength       = 32      // characters of a phone number that doesn't say
	EmailLength       = 254     // characters of an e-mail address
	LinkLength        = 2048    // characters of a link
	NumberLength      = 60      // characters of a number pattern and of a document number

	MaxPrecision   = 18      // digits of a decimal
	MaxScale       = 9       // of them after the point
	DecimalScale   = 4       // digits after the point of a decimal that doesn't say
	MoneyScale     = 2       // of an amount of money that doesn't say
	PercentScale   = 4       // of a percentage that doesn't say
	DefaultItems   = 50      // choices, references
	DefaultFiles   = 10      // files, images
	MaxFiles       = 50      // files, images
	MaxListItems   = 200     // choices, references
	DefaultLines   = 500     // lines of a document that doesn't say
	MaxLines       = 1000    // lines of a document
	MaxNumberDigit = 12      // digits of a number pattern's counter
	DefaultGroups  = 100     // groups of a card that doesn't say
	DefaultList    = 10      // records of a card that doesn't say
	DefaultPage    = 50      // rows of a table's page that doesn't say
	MaxPage        = 200     // rows of a table's page
	MaxSkip        = 100_000 // records that a page of a list may leave out before it; a hop over more takes several
	MaxFormColumns = 4       // columns of a form
	MaxWidth       = 2000    // pixels of a column
)
