package delegation

import "strings"

// dutchMonths turns Dutch names of months that differ into English ones.
var dutchMonths = strings.NewReplacer(
	"januari", "January", "februari", "February", "maart", "March", "mrt", "Mar", "mei", "May",
	"juni", "June", "juli", "July", "augustus", "August", "oktober", "October", "okt", "Oct",
	"september", "September", "november", "November", "december", "December", "april", "April",
)
