package models

// Page is one page of a list: which rows are wanted, and whether there are more.
type Page struct {
	Number int // from 1
	Size   int // rows per page
}

// PageSize is how many rows a list shows when nothing else is said.
const PageSize = 50

// Of makes a Page of the number in an address; anything below 1 is page 1.
func Of(number int) Page {
	return Page{Number: max(1, number), Size: PageSize}
}

// Offset is how many rows come before this page.
func (p Page) Offset() int { return (p.Number - 1) * p.Size }
