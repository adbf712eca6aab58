// Package sheet writes tables that people keep and open in a spreadsheet. It
// must never let a cell be taken for a formula: names are written by strangers.
package sheet

import (
	"bytes"
	"encoding/csv"
	"strings"
	"unicode/utf8"
)

// CSV writes rows, the head first, in UTF-8 with a byte order mark, since some
// programs take it for another encoding otherwise (RFC 4180).
func CSV(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = harmless(cell)
		}
		if err := w.Write(safe); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// harmless puts a quote before a cell that a spreadsheet would compute. Some take the
// full-width signs of East Asian keyboards for the plain ones.
func harmless(cell string) string {
	first, _ := utf8.DecodeRuneInString(cell)
	if cell != "" && strings.ContainsRune("=+-@\t\r\n|＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
