package demo

import "slices"

// fault is one thing a response can get wrong on purpose, so that its refusal
// can be seen.
type fault string

// The faults that can be ticked. Several may be combined.
const (
	faultExpired     fault = "expired"
	faultAudience    fault = "audience"
	faultDestination fault = "destination"
	faultRecipient   fault = "recipient"
	faultUnsigned    fault = "unsigned"
	faultTampered    fault = "tampered"
	faultSHA1        fault = "sha1"
	faultNameless    fault = "nameless"
	faultTransient   fault = "transient"
	faultReplay      fault = "replay"
)

// faultChoice is a fault as the page offers it.
type faultChoice struct {
	Key         fault
	Label, Hint string
}

var faultChoices = []faultChoice{
	{Key: faultExpired, Label: "Expired", Hint: "Its time ended an hour ago."},
	{Key: faultAudience, Label: "Wrong audience", Hint: "Made for another service provider."},
	{Key: faultDestination, Label: "Wrong destination", Hint: "The response names another address."},
	{Key: faultRecipient, Label: "Wrong recipient", Hint: "The assertion names another address."},
	{Key: faultUnsigned, Label: "Unsigned", Hint: "No signature at all."},
	{Key: faultTampered, Label: "Changed after signing", Hint: "Somebody else's NameID, put in later."},
	{Key: faultSHA1, Label: "SHA-1 signature", Hint: "Signed the way of 2005."},
	{Key: faultNameless, Label: "Empty NameID", Hint: "Signed, but for nobody."},
	{Key: faultTransient, Label: "Transient NameID", Hint: "A new one each time."},
	{Key: faultReplay, Label: "Replay", Hint: "Send the last response once more, byte for byte."},
}

// faults are those ticked on one form.
type faults []fault

func (f faults) has(one fault) bool { return slices.Contains(f, one) }

// readFaults keeps the faults that exist among the ticked ones.
func readFaults(ticked []string) faults {
	var found faults
	for _, choice := range faultChoices {
		if slices.Contains(ticked, string(choice.Key)) {
			found = append(found, choice.Key)
		}
	}
	return found
}
