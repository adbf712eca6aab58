package delegation

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"locum/models/account"
	"locum/models/store"
)

// silence is after how long without a visit one is told to everybody again.
const silence = 30 * 24 * time.Hour

// seenBefore is what is special about a visit, given those before it.
type seenBefore struct {
	first, strange, silent bool
	device                 string // "Firefox, Linux"
}

// newcomer notes from where a visit is entered, and compares it with what its
// consultant did before. Strange is another browser, system or network than in
// all his visits to the organization. The network stands for the country too:
// which country an address is in cannot be known here.
func newcomer(tx *store.Tx, v *Visit, address string) (s seenBefore, err error) {
	var session account.Session
	if err := tx.Where("id = ?", v.SessionID).Take(&session).Error; err != nil && !store.Missing(err) {
		return s, err
	}
	browser, system := account.Device(session.UserAgent)
	s.device = strings.Join(slices.DeleteFunc([]string{browser, system}, func(part string) bool { return part == "" }), ", ")
	v.Origin = browser + "/" + system + "/" + network(address)
	var known []string
	err = tx.Model(&Visit{}).Where("company_id = ? AND organization_id = ? AND account_id = ? AND origin <> ''", v.CompanyID, v.OrganizationID, v.AccountID).
		Distinct("origin").Pluck("origin", &known).Error
	if err != nil {
		return s, err
	}
	s.strange = len(known) > 0 && !slices.Contains(known, v.Origin)
	var last []Visit
	err = tx.Where("company_id = ? AND delegation_id = ?", v.CompanyID, v.DelegationID).Order("last_seen_at DESC").Limit(1).Find(&last).Error
	if err != nil {
		return s, err
	}
	s.first = len(last) == 0
	s.silent = !s.first && v.EnteredAt.Sub(last[0].LastSeenAt.Time) >= silence
	return s, nil
}

// network is the part of an address that a provider gives to one place: 24 bits
// of IPv4, 48 of IPv6.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, _ := a.Prefix(bits) // an address has at least so many
	return p.String()
}
