// Package sheet reads and writes the tables that people exchange as files: CSV and XLSX, row by row, within
// fixed limits of size, memory and shape. It is the door of excelize.
//
// A book is judged by its bytes and never by its name. Reading keeps what a cell shows: exact decimal text, ISO
// dates, and text as it stands; formulas give their stored result and are never evaluated, macros and external
// links are never opened. XLSX is read by a scanner of our own: the library's row stream drops the type and the
// date format of a cell, and holds whole parts of a hostile file in memory.
//
// The package must never write to disk while reading, hold a whole sheet in memory, or turn a person's number
// into a float64 that could differ from it.
package sheet
