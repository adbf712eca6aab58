package demo

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Message is one mail as it arrived. It never changes.
type Message struct {
	// Number counts from one and rises with each arrival, also over runs that
	// share a folder.
	Number uint64
	// From and To are the envelope's: who really got it.
	From string
	To   []string
	// Received is when it arrived.
	Received time.Time
	// Header has its values decoded (RFC 2047).
	Header  textproto.MIMEHeader
	Subject string
	// Text and HTML are the two forms of the body; either may be empty.
	Text, HTML string
	// Attachments are the other parts.
	Attachments []Attachment
	// Links are the addresses in the body, each once, in order.
	Links []string
	// Raw is the source as it was sent.
	Raw []byte
}

// Attachment is a part that is neither of the two bodies.
type Attachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content []byte `json:"content"`
}

// maxDepth bounds multiparts within multiparts.
const maxDepth = 8

// parseMessage reads a mail (RFC 5322, RFC 2045). A mail that is not well
// formed is kept with what could be read: a mailbox loses nothing.
func parseMessage(raw []byte) Message {
	m := Message{Raw: raw, Header: textproto.MIMEHeader{}}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.Text = readable(raw)
		return m
	}
	for name, values := range parsed.Header {
		for _, value := range values {
			m.Header[name] = append(m.Header[name], decodedHeader(value))
		}
	}
	m.Subject = m.Header.Get("Subject")
	m.readPart(textproto.MIMEHeader(parsed.Header), parsed.Body, 0)
	m.Links = links(m.HTML, m.Text)
	return m
}

func decodedHeader(value string) string {
	if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
		return decoded
	}
	return value
}

// readPart sorts one part into text, HTML or attachment, and walks multiparts.
func (m *Message) readPart(header textproto.MIMEHeader, body io.Reader, depth int) {
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") && depth < maxDepth {
		parts := multipart.NewReader(body, parameters["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			m.readPart(part.Header, part, depth+1)
		}
	}
	// What was read before an encoding broke off is still worth showing.
	content, _ := io.ReadAll(transferDecoded(header.Get("Content-Transfer-Encoding"), body))
	disposition, names, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	switch {
	case disposition != "attachment" && kind == "text/plain" && m.Text == "":
		m.Text = readable(content)
	case disposition != "attachment" && kind == "text/html" && m.HTML == "":
		m.HTML = readable(content)
	default:
		name := names["filename"]
		if name == "" {
			name = parameters["name"]
		}
		m.Attachments = append(m.Attachments, Attachment{Name: decodedHeader(name), Type: kind, Content: content})
	}
}

func transferDecoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}

// readable is the content as text. What is not UTF-8 is read as ISO 8859-1,
// in which every byte is a character.
func readable(content []byte) string {
	if utf8.Valid(content) {
		return strings.ReplaceAll(string(content), "\r\n", "\n")
	}
	var text strings.Builder
	for _, b := range content {
		text.WriteRune(rune(b))
	}
	return strings.ReplaceAll(text.String(), "\r\n", "\n")
}

var (
	hrefs     = regexp.MustCompile(`(?i)\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	addresses = regexp.MustCompile(`https?://[^\s<>"']+`)
)

// links finds the web addresses in both bodies.
func links(htmlBody, textBody string) []string {
	found := []string{}
	add := func(address string) {
		if origin(address) != "" && !slices.Contains(found, address) {
			found = append(found, address)
		}
	}
	for _, match := range hrefs.FindAllStringSubmatch(htmlBody, -1) {
		add(html.UnescapeString(strings.TrimSpace(match[1] + match[2])))
	}
	for _, address := range addresses.FindAllString(textBody, -1) {
		add(strings.TrimRight(address, ".,;:!?)"))
	}
	return found
}

// run is a stretch of text that is either an address or none.
type run struct {
	Text string
	Link bool
}

// linked cuts a text into runs, so that its addresses can be followed.
func linked(text string) []run {
	var runs []run
	for text != "" {
		at := addresses.FindStringIndex(text)
		if at == nil {
			return append(runs, run{Text: text})
		}
		end := at[0] + len(strings.TrimRight(text[at[0]:at[1]], ".,;:!?)"))
		runs = append(runs, run{Text: text[:at[0]]}, run{Text: text[at[0]:end], Link: true})
		text = text[end:]
	}
	return runs
}

// conversation names the thread: the first message it goes back to
// (RFC 5322 §3.6.4), apart for each set of recipients, because to a person a
// thread is what lies in his own mailbox.
func (m Message) conversation() string {
	root := m.Header.Get("Message-Id")
	if earlier := strings.Fields(m.Header.Get("In-Reply-To")); len(earlier) > 0 {
		root = earlier[0]
	}
	if earlier := strings.Fields(m.Header.Get("References")); len(earlier) > 0 {
		root = earlier[0]
	}
	recipients := slices.Sorted(slices.Values(m.To))
	return root + " " + strings.ToLower(strings.Join(recipients, " "))
}

// person is the name in an address header, or the address where it has none.
func (m Message) person(header, otherwise string) string {
	parsed, err := mail.ParseAddressList(m.Header.Get(header))
	if err != nil || len(parsed) == 0 {
		return otherwise
	}
	if parsed[0].Name != "" {
		return parsed[0].Name
	}
	return parsed[0].Address
}

// sentTo says whether the envelope names this recipient. An empty one fits
// all.
func (m Message) sentTo(recipient string) bool {
	return recipient == "" || slices.ContainsFunc(m.To, func(to string) bool { return strings.EqualFold(to, recipient) })
}
