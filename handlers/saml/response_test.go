package saml

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

func TestVerifyReadsWhatWasSigned(t *testing.T) {
	got, err := Verify(post(signedResponse(nil)), expected())
	if err != nil {
		t.Fatal(err)
	}
	want := Assertion{
		ID: "_assertion1", Issuer: idpEntity,
		NameID:       NameID{Value: "anna-7", Format: NamePersistent, NameQualifier: "q", SPNameQualifier: "sq"},
		SessionIndex: "_session1", AuthnInstant: now.Add(-time.Minute),
		AuthnContext:        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
		SessionNotOnOrAfter: now.Add(8 * time.Hour),
		Expires:             now.Add(5*time.Minute + DefaultSkew),
		Attributes: []Attribute{
			{Name: "email", FriendlyName: "mail", Values: []string{"anna@devries.example"}},
			{Name: "groups", Values: []string{"Planning-Editors", "Everyone"}},
			{Name: "country"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v\nwant %+v", got, want)
	}
}

func TestVerifyAcceptsEachSoundSignature(t *testing.T) {
	assertion, response := "//Assertion", "/Response"
	for name, c := range map[string]struct {
		on       []string
		how      signing
		accepted []*x509.Certificate
	}{
		"assertion signed":                     {on: []string{assertion}},
		"response signed":                      {on: []string{response}},
		"both signed":                          {on: []string{assertion, response}},
		"SHA-512":                              {on: []string{assertion}, how: signing{digest: crypto.SHA512, method: crypto.SHA512}},
		"elliptic curve":                       {on: []string{assertion}, how: signing{by: keys().curve}, accepted: []*x509.Certificate{keys().curve.certificate}},
		"inclusive canonicalization 1.0":       {on: []string{response}, how: signing{c14n: string(dsig.CanonicalXML10RecAlgorithmId)}},
		"inclusive canonicalization 1.1":       {on: []string{assertion}, how: signing{c14n: string(dsig.CanonicalXML11AlgorithmId)}},
		"two certificates and no KeyInfo":      {on: []string{assertion}, how: signing{noKeyInfo: true}, accepted: []*x509.Certificate{keys().next.certificate, keys().idp.certificate}},
		"the second of two certificates":       {on: []string{assertion}, how: signing{by: keys().next}, accepted: []*x509.Certificate{keys().idp.certificate, keys().next.certificate}},
		"KeyInfo that only names the key":      {on: []string{assertion}, how: signing{keyInfo: "<ds:KeyName>signing</ds:KeyName>"}},
		"the same key under a new certificate": {on: []string{assertion}, how: signing{by: keys().ended}},
		"an ended certificate beside a valid":  {on: []string{response}, accepted: []*x509.Certificate{keys().ended.certificate, keys().idp.certificate}},
	} {
		t.Run(name, func(t *testing.T) {
			doc := compose(parts())
			for _, path := range c.on {
				sign(doc.FindElement(path), c.how)
			}
			want := expected()
			if c.accepted != nil {
				want.Certificates = c.accepted
			}
			if _, err := Verify(post(doc), want); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestVerifyRefusesBadSignatures(t *testing.T) {
	exclusive, enveloped := string(dsig.CanonicalXML10ExclusiveAlgorithmId), string(dsig.EnvelopedSignatureAltorithmId)
	comments := string(dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId)
	for name, c := range map[string]struct {
		how      signing
		accepted []*x509.Certificate
		why      Reason
	}{
		"SHA-1 signature":                   {how: signing{method: crypto.SHA1}, why: WeakAlgorithm},
		"SHA-1 digest":                      {how: signing{digest: crypto.SHA1}, why: WeakAlgorithm},
		"canonicalization keeping comments": {how: signing{c14n: comments}, why: WeakAlgorithm},
		"no canonicalizing transform":       {how: signing{transforms: []string{enveloped}}, why: Malformed},
		"a third transform":                 {how: signing{transforms: []string{enveloped, exclusive, exclusive}}, why: Malformed},
		"an XPath transform":                {how: signing{transforms: []string{enveloped, "http://www.w3.org/TR/1999/REC-xpath-19991116"}}, why: WeakAlgorithm},
		"reference to the whole document":   {how: signing{whole: true}, why: BadSignature},
		"reference to another element":      {how: signing{uri: "#_response1"}, why: BadSignature},
		"unknown signing key":               {how: signing{by: keys().stranger}, why: UnknownKey},
		"unknown signing key, no KeyInfo":   {how: signing{by: keys().stranger, noKeyInfo: true}, why: BadSignature},
		"ended certificate":                 {how: signing{by: keys().ended}, accepted: []*x509.Certificate{keys().ended.certificate}, why: CertificateExpired},
		"ended certificate, no KeyInfo":     {how: signing{noKeyInfo: true}, accepted: []*x509.Certificate{keys().ended.certificate}, why: CertificateExpired},
		"no certificate at all":             {accepted: []*x509.Certificate{}, why: UnknownKey},
	} {
		t.Run(name, func(t *testing.T) {
			doc := compose(parts())
			sign(doc.FindElement("//Assertion"), c.how)
			want := expected()
			if c.accepted != nil {
				want.Certificates = c.accepted
			}
			_, err := Verify(post(doc), want)
			refusedFor(t, err, c.why)
		})
	}
	t.Run("weak key", func(t *testing.T) {
		weak := newPair(newRSA(1024), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
		doc := compose(parts())
		sign(doc.FindElement("//Assertion"), signing{by: weak})
		want := expected()
		want.Certificates = []*x509.Certificate{weak.certificate}
		_, err := Verify(post(doc), want)
		refusedFor(t, err, BadSignature)
	})
	t.Run("unsigned", func(t *testing.T) {
		_, err := Verify(post(compose(parts())), expected())
		refusedFor(t, err, Unsigned)
	})
	t.Run("changed after signing", func(t *testing.T) {
		doc := signedResponse(nil)
		doc.FindElement("//NameID").SetText("karin-1")
		_, err := Verify(post(doc), expected())
		refusedFor(t, err, BadSignature)
	})
	t.Run("sound assertion in a response with a broken signature", func(t *testing.T) {
		doc := signedResponse(nil)
		sign(doc.Root(), signing{})
		doc.Root().CreateAttr("Consent", "changed")
		_, err := Verify(post(doc), expected())
		refusedFor(t, err, BadSignature)
	})
}

// TestVerifyRefusesContradictions: everything here is soundly signed, and wrong.
func TestVerifyRefusesContradictions(t *testing.T) {
	const other = "https://other.example/saml"
	for name, c := range map[string]struct {
		change map[string]string
		why    Reason
	}{
		"another issuer":                      {map[string]string{"issuer": other}, WrongIssuer},
		"another destination":                 {map[string]string{"destination": other}, NotForUs},
		"another recipient":                   {map[string]string{"recipient": other}, NotForUs},
		"another audience":                    {map[string]string{"us": other}, NotForUs},
		"no audience":                         {map[string]string{"audience": ""}, NotForUs},
		"only one of two audiences holds":     {map[string]string{"audience": parts()["audience"] + `<saml:AudienceRestriction><saml:Audience>` + other + `</saml:Audience></saml:AudienceRestriction>`}, NotForUs},
		"unknown condition":                   {map[string]string{"audience": parts()["audience"] + `<saml:Condition/>`}, UnknownCondition},
		"another request":                     {map[string]string{"request": "_request2"}, UnknownRequest},
		"no request":                          {map[string]string{"request": ""}, Unsolicited},
		"another request, signed part only":   {map[string]string{"data": `<saml:SubjectConfirmationData Recipient="{{recipient}}" NotOnOrAfter="{{until}}" InResponseTo="_request2"/>`}, UnknownRequest},
		"no request, signed part only":        {map[string]string{"data": `<saml:SubjectConfirmationData Recipient="{{recipient}}" NotOnOrAfter="{{until}}"/>`}, Unsolicited},
		"bearer without an end":               {map[string]string{"data": `<saml:SubjectConfirmationData Recipient="{{recipient}}" InResponseTo="{{request}}"/>`}, Malformed},
		"bearer without data":                 {map[string]string{"data": ""}, NoBearer},
		"no bearer method":                    {map[string]string{"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"}, NoBearer},
		"expired":                             {map[string]string{"issued": "2026-11-21T08:59:50Z", "until": "2026-11-21T08:57:00Z"}, Expired},
		"confirmation expired":                {map[string]string{"data": `<saml:SubjectConfirmationData Recipient="{{recipient}}" NotOnOrAfter="2026-11-21T08:57:00Z" InResponseTo="{{request}}"/>`}, Expired},
		"not yet valid":                       {map[string]string{"issued": "2026-11-21T09:03:01Z", "until": "2026-11-21T09:09:00Z"}, NotYetValid},
		"issued in the future":                {map[string]string{"issued": "2026-11-21T09:03:01Z", "from": "2026-11-21T09:00:00Z"}, NotYetValid},
		"begins in the future":                {map[string]string{"from": "2026-11-21T09:03:01Z"}, NotYetValid},
		"issued before the request":           {map[string]string{"issued": "2026-11-21T08:56:00Z"}, ClockBehind},
		"no time at all":                      {map[string]string{"issued": "yesterday"}, Malformed},
		"no AuthnStatement":                   {map[string]string{"authn": ""}, NoAuthentication},
		"the provider's session is over":      {map[string]string{"authn": `<saml:AuthnStatement AuthnInstant="2026-11-21T08:00:00Z" SessionNotOnOrAfter="2026-11-21T08:57:00Z"/>`}, SessionEnded},
		"signed in in the future":             {map[string]string{"authn": `<saml:AuthnStatement AuthnInstant="2026-11-21T10:00:00Z"/>`}, NotYetValid},
		"no NameID":                           {map[string]string{"name": ""}, NoSubject},
		"empty NameID":                        {map[string]string{"name": "<saml:NameID> </saml:NameID>"}, NoSubject},
		"empty NameID after an EncryptedID":   {map[string]string{"name": "<saml:EncryptedID/><saml:NameID/>"}, EncryptedPart},
		"two NameIDs":                         {map[string]string{"name": "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>"}, Malformed},
		"endless NameID":                      {map[string]string{"name": "<saml:NameID>" + strings.Repeat("a", 1025) + "</saml:NameID>"}, Malformed},
		"encrypted attribute":                 {map[string]string{"attributes": "<saml:AttributeStatement><saml:EncryptedAttribute/></saml:AttributeStatement>"}, EncryptedPart},
		"nameless attribute":                  {map[string]string{"attributes": "<saml:AttributeStatement><saml:Attribute/></saml:AttributeStatement>"}, Malformed},
		"success that says nothing of anyone": {map[string]string{"assertion": ""}, NoAssertion},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify(post(signedResponse(c.change)), expected())
			refusedFor(t, err, c.why)
		})
	}
}

func TestVerifyRefusesOtherVersions(t *testing.T) {
	for _, path := range []string{"/Response", "//Assertion"} {
		doc := compose(parts())
		doc.FindElement(path).CreateAttr("Version", "1.1")
		sign(doc.FindElement("//Assertion"), signing{})
		_, err := Verify(post(doc), expected())
		refusedFor(t, err, WrongVersion)
	}
}

func TestASignedResponseMustNameItsDestination(t *testing.T) {
	for signedAt, why := range map[string]Reason{"/Response": NotForUs, "//Assertion": ""} {
		doc := compose(parts())
		doc.Root().RemoveAttr("Destination")
		sign(doc.FindElement(signedAt), signing{})
		_, err := Verify(post(doc), expected())
		refusedFor(t, err, why)
	}
}

func TestSkewIsThreeMinutesAndToldInSeconds(t *testing.T) {
	for name, c := range map[string]struct {
		at    time.Time
		why   Reason
		count int // minutes since the end, and seconds before the beginning
	}{
		"just within the end":       {now.Add(5*time.Minute + DefaultSkew - time.Second), "", 0},
		"at the end":                {now.Add(5*time.Minute + DefaultSkew), Expired, 3},
		"long after the end":        {now.Add(20 * time.Minute), Expired, 15},
		"just within the beginning": {now.Add(-DefaultSkew), "", 0},
		"before the beginning":      {now.Add(-DefaultSkew - time.Second), NotYetValid, 181},
	} {
		t.Run(name, func(t *testing.T) {
			want := expected()
			want.Now, want.RequestedAt = c.at, time.Time{}
			_, err := Verify(post(signedResponse(nil)), want)
			refusedFor(t, err, c.why)
			if refused, ok := err.(*Error); ok && refused.Body().Args["Count"] != c.count {
				t.Errorf("told %v, want %d", refused.Body().Args["Count"], c.count)
			}
		})
	}
}

// TestUnsolicited: sign-in begun at the provider is off by default, and even
// where it is allowed a response may not answer a request that is not open.
func TestUnsolicited(t *testing.T) {
	unasked := map[string]string{"request": ""}
	for name, c := range map[string]struct {
		change  map[string]string
		allowed bool
		why     Reason
	}{
		"unasked, off by default":            {unasked, false, Unsolicited},
		"unasked, allowed":                   {unasked, true, ""},
		"answers a request, off":             {nil, false, Unsolicited},
		"answers a request nobody has open":  {nil, true, UnknownRequest},
		"only the signed part answers a one": {map[string]string{"request": "", "data": `<saml:SubjectConfirmationData Recipient="{{recipient}}" NotOnOrAfter="{{until}}" InResponseTo="_request1"/>`}, true, UnknownRequest},
	} {
		t.Run(name, func(t *testing.T) {
			want := expected()
			want.RequestID, want.RequestedAt, want.AllowUnsolicited = "", time.Time{}, c.allowed
			_, err := Verify(post(signedResponse(c.change)), want)
			refusedFor(t, err, c.why)
		})
	}
}

func TestSecondBearerConfirmationMayHold(t *testing.T) {
	doc := signedResponse(map[string]string{"data": `<saml:SubjectConfirmationData Recipient="https://other.example" NotOnOrAfter="{{until}}" InResponseTo="{{request}}"/></saml:SubjectConfirmation>` +
		`<saml:SubjectConfirmation Method="{{method}}">` + parts()["data"]})
	if _, err := Verify(post(doc), expected()); err != nil {
		t.Fatal(err)
	}
}

func TestStatusIsExplained(t *testing.T) {
	for second, why := range map[string]Reason{
		"AuthnFailed": SignInFailed, "RequestDenied": RefusedByProvider, "NoPassive": NotSignedIn, "UnknownPrincipal": UnknownPerson,
		"NoAuthnContext": TooWeakSignIn, "InvalidNameIDPolicy": NamePolicy, "RequestUnsupported": RequestRejected, "SomethingNew": ProviderFailed, "": ProviderFailed,
	} {
		nested := ""
		if second != "" {
			nested = fmt.Sprintf(`<samlp:StatusCode Value="%s%s"/>`, statusPrefix, second)
		}
		doc := compose(map[string]string{"issued": "2026-11-21T09:00:00Z", "destination": ourACS, "request": ourRequest, "issuer": idpEntity, "assertion": "",
			"status": `<samlp:Status><samlp:StatusCode Value="` + statusPrefix + `Responder">` + nested + `</samlp:StatusCode><samlp:StatusMessage>AADSTS50105</samlp:StatusMessage></samlp:Status>`})
		_, err := Verify(post(doc), expected())
		refusedFor(t, err, why)
		if !strings.Contains(err.Error(), "AADSTS50105") {
			t.Errorf("%s: the log lacks the provider's message: %v", second, err)
		}
	}
}

func TestDocumentsThatAreNotParsed(t *testing.T) {
	sound := func(change func(string) string) []byte {
		document, err := signedResponse(nil).WriteToString()
		if err != nil {
			t.Fatal(err)
		}
		return []byte(base64.StdEncoding.EncodeToString([]byte(change(document))))
	}
	for name, c := range map[string]struct {
		posted []byte
		why    Reason
	}{
		"nothing":                {nil, Malformed},
		"not base64":             {[]byte("<Response/>"), Malformed},
		"not XML":                {sound(func(string) string { return "anna" }), Malformed},
		"another message":        {sound(func(string) string { return `<p:LogoutRequest xmlns:p="` + nsProtocol + `"/>` }), Malformed},
		"DOCTYPE":                {sound(func(d string) string { return `<!DOCTYPE r [<!ENTITY e "x">]>` + d }), DocumentType},
		"DOCTYPE after the root": {sound(func(d string) string { return d + `<!DOCTYPE r>` }), DocumentType},
		"processing instruction": {sound(func(d string) string { return `<?xml-stylesheet href="x"?>` + d }), Malformed},
		"late XML declaration":   {sound(func(d string) string { return d + `<?xml version="1.0"?>` }), Malformed},
		"another encoding":       {sound(func(d string) string { return `<?xml version="1.0" encoding="UTF-7"?>` + d }), Malformed},
		"trailing element":       {sound(func(d string) string { return d + "<more/>" }), Malformed},
		"trailing text":          {sound(func(d string) string { return d + "more" }), Malformed},
		"truncated":              {sound(func(d string) string { return d[:len(d)-3] }), Malformed},
		"unknown entity":         {sound(func(d string) string { return strings.Replace(d, "anna-7", "&anna;", 1) }), Malformed},
		"attribute twice":        {sound(func(d string) string { return strings.Replace(d, `ID="_assertion1"`, `ID="_assertion1" ID="_a2"`, 1) }), Malformed},
		"prefixed id": {sound(func(d string) string {
			return strings.Replace(d, `ID="_assertion1"`, `saml:ID="_a2" ID="_assertion1"`, 1)
		}), Malformed},
		"same id twice":            {sound(func(d string) string { return strings.Replace(d, "_response1", "_assertion1", 1) }), Malformed},
		"700 KB of nested tags":    {sound(func(string) string { return strings.Repeat("<a>", 117_000) + strings.Repeat("</a>", 87_000) }), TooLarge},
		"250 KB of nested tags":    {sound(func(string) string { return strings.Repeat("<a>", 80_000) }), TooComplex},
		"one byte over the limit":  {sound(func(d string) string { return d + strings.Repeat(" ", 256<<10-len(d)+1) }), TooLarge},
		"blank lines without end":  {append(sound(func(d string) string { return d }), strings.Repeat("\n", 400_000)...), TooLarge},
		"many small elements":      {sound(func(string) string { return "<r>" + strings.Repeat("<a/>", 60_000) + "</r>" }), TooComplex},
		"many namespaces":          {sound(func(string) string { return "<r" + manyNamespaces(40, 0) + "/>" }), TooComplex},
		"namespaces at each level": {sound(func(string) string { return "<r" + manyNamespaces(20, 0) + "><s" + manyNamespaces(20, 20) + "/></r>" }), TooComplex},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify(c.posted, expected())
			refusedFor(t, err, c.why)
		})
	}
	t.Run("XML declaration and line ends are fine", func(t *testing.T) {
		if _, err := Verify(sound(func(d string) string { return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + d + "\n" }), expected()); err != nil {
			t.Fatal(err)
		}
	})
}

func manyNamespaces(n, from int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, ` xmlns:n%d="urn:n"`, from+i)
	}
	return all.String()
}

func TestAttributeValuesAreCounted(t *testing.T) {
	values := func(n int) map[string]string {
		return map[string]string{"attributes": `<saml:AttributeStatement><saml:Attribute Name="groups">` +
			strings.Repeat("<saml:AttributeValue>g</saml:AttributeValue>", n) + `</saml:Attribute></saml:AttributeStatement>`}
	}
	want := expected()
	want.Limits = Limits{Bytes: 1 << 20}
	assertion, err := Verify(post(signedResponse(values(10_000))), want)
	if err != nil {
		t.Fatal(err)
	}
	if groups, _ := assertion.Lookup("groups"); len(groups.Values) != 10_000 {
		t.Errorf("read %d values", len(groups.Values))
	}
	_, err = Verify(post(signedResponse(values(10_001))), want)
	refusedFor(t, err, TooManyValues)
}

func TestAttributesHaveThreeStates(t *testing.T) {
	doc := signedResponse(map[string]string{"attributes": `<saml:AttributeStatement>` +
		`<saml:Attribute Name="urn:oid:1.2" FriendlyName="department"><saml:AttributeValue> Planning </saml:AttributeValue></saml:Attribute>` +
		`<saml:Attribute Name="groups"><saml:AttributeValue>a</saml:AttributeValue></saml:Attribute>` +
		`<saml:Attribute Name="groups"><saml:AttributeValue>b</saml:AttributeValue></saml:Attribute>` +
		`<saml:Attribute Name="none"/><saml:Attribute Name="blank"><saml:AttributeValue/></saml:Attribute>` +
		`<saml:Attribute Name="targeted"><saml:AttributeValue><saml:NameID>t-1</saml:NameID></saml:AttributeValue></saml:Attribute>` +
		`</saml:AttributeStatement><saml:AttributeStatement><saml:Attribute Name="title"><saml:AttributeValue>Plan<!-- -->ner</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`})
	assertion, err := Verify(post(doc), expected())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		values []string
		state  Presence
	}{
		"urn:oid:1.2": {[]string{"Planning"}, Present},
		"department":  {[]string{"Planning"}, Present},
		"groups":      {[]string{"a", "b"}, Present},
		"none":        {nil, Empty},
		"blank":       {nil, Empty},
		"missing":     {nil, Absent},
		"targeted":    {[]string{"t-1"}, Present},
		"title":       {[]string{"Planner"}, Present},
	} {
		got, state := assertion.Lookup(name)
		if state != c.state || !reflect.DeepEqual(got.Values, c.values) {
			t.Errorf("%s: %v %q, want %v %q", name, state, got.Values, c.state, c.values)
		}
	}
	if assertion.GroupsLeftOut() {
		t.Error("groups are said to be left out")
	}
}

func TestGroupsOverTheProvidersLimitAreNoticed(t *testing.T) {
	doc := signedResponse(map[string]string{"attributes": `<saml:AttributeStatement><saml:Attribute Name="` + GroupsOverage + `">` +
		`<saml:AttributeValue>https://graph.example/users/7/getMemberObjects</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`})
	assertion, err := Verify(post(doc), expected())
	if err != nil {
		t.Fatal(err)
	}
	if !assertion.GroupsLeftOut() {
		t.Error("the link in place of groups is not noticed")
	}
}

func TestTransientNamesAreFlagged(t *testing.T) {
	for format, transient := range map[string]bool{NameTransient: true, NamePersistent: false, "": false} {
		assertion, err := Verify(post(signedResponse(map[string]string{"name": `<saml:NameID Format="` + format + `">x</saml:NameID>`})), expected())
		if err != nil {
			t.Fatal(err)
		}
		if assertion.NameID.Transient() != transient {
			t.Errorf("%q: transient %v", format, assertion.NameID.Transient())
		}
	}
}

// TestACommentDoesNotShortenAName: the comment is no part of what is signed, so
// anyone can put one in; the name must stay whole.
func TestACommentDoesNotShortenAName(t *testing.T) {
	doc := signedResponse(map[string]string{"name": `<saml:NameID>karin@zonneveld.example.attacker.example</saml:NameID>`})
	name := doc.FindElement("//NameID")
	name.SetText("karin@zonneveld.example")
	name.AddChild(etree.NewComment("x"))
	name.AddChild(etree.NewText(".attacker.example"))
	assertion, err := Verify(post(doc), expected())
	if err != nil {
		t.Fatal(err)
	}
	if assertion.NameID.Value != "karin@zonneveld.example.attacker.example" {
		t.Errorf("name %q", assertion.NameID.Value)
	}
}
