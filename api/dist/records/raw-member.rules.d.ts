/**
 * @param text a JSON object that the strict parser has already accepted (so members are unique and it is well-formed)
 * @returns the text of the value of the top-level member `name`, or null when there is none
 */
export declare function rawMember(text: string, name: string): string | null;
