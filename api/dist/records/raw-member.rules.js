// Cuts one member's value out of a JSON object, octet for octet as it was sent: that is what `raw` must digest.
/**
 * @param text a JSON object that the strict parser has already accepted (so members are unique and it is well-formed)
 * @returns the text of the value of the top-level member `name`, or null when there is none
 */
export function rawMember(text, name) {
    let position = skipSpace(text, text.indexOf('{') + 1);
    while (text[position] === '"') {
        const keyEnd = skipString(text, position);
        const key = JSON.parse(text.slice(position, keyEnd));
        const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
        const end = skipValue(text, start);
        if (key === name)
            return text.slice(start, end);
        position = skipSpace(text, end);
        if (text[position] !== ',')
            return null;
        position = skipSpace(text, position + 1);
    }
    return null;
}
function skipSpace(text, from) {
    let position = from;
    while (position < text.length && ' \t\r\n'.includes(text[position]))
        position += 1;
    return position;
}
function skipString(text, from) {
    let position = from + 1;
    while (position < text.length && text[position] !== '"')
        position += text[position] === '\\' ? 2 : 1;
    return position + 1;
}
function skipValue(text, from) {
    if (text[from] === '"')
        return skipString(text, from);
    let depth = 0;
    let position = from;
    while (position < text.length) {
        const character = text[position];
        if (character === '"') {
            position = skipString(text, position);
            continue;
        }
        if (character === '{' || character === '[')
            depth += 1;
        else if (character === '}' || character === ']') {
            if (depth === 0)
                return position;
            depth -= 1;
            if (depth === 0)
                return position + 1;
        }
        else if (depth === 0 && (character === ',' || ' \t\r\n'.includes(character)))
            return position;
        position += 1;
    }
    return position;
}
//# sourceMappingURL=raw-member.rules.js.map