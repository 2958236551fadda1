package sheet

// Limits of what is read. They bound memory and time whatever a file claims about itself.
const (
	MaxFileBytes     = 50 << 20  // the file as uploaded
	MaxUnzippedBytes = 500 << 20 // all parts of an XLSX together
	MaxRatio         = 100       // unzipped ÷ zipped
	MaxEntries       = 10_000    // parts of an XLSX
	MaxRows          = 200_000   // rows with content in one sheet, the header included
	MaxColumns       = 500       // columns with content
	MaxCellChars     = 32_767    // characters of one cell, as in Excel
	MaxSheets        = 255       // sheets of a workbook
)

// Limits of what is written.
const (
	MaxWriteRows    = 1_000_000 // below Excel's own 1,048,576
	maxWriteColumns = 2_000     // columns that are written
	maxNameChars    = 31        // of a sheet's name, as in Excel
)

const (
	ratioFloor        = 1 << 20           // below this unzipped size the ratio says nothing
	maxDirectoryBytes = 4 << 20           // of a zip's central directory
	maxSheetRow       = 1_048_576         // Excel's last row number
	maxStrings        = 2_000_000         // shared strings
	maxStringBytes    = 64 << 20          // text of all shared strings
	maxStyles         = 65_536            // cell formats
	maxTagBytes       = 64 << 10          // of one XML tag
	maxTextBytes      = 10 * MaxCellChars // bytes of the text of one cell, before it is cut to characters
	maxXMLDepth       = 64                // elements within one another
	scanBuffer        = 64 << 10          // bytes read at once
)
