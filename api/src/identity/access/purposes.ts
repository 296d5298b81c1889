// HL7 v3 PurposeOfUse (code system v3-ActReason): the purposes that make sense for reading a record. Closed, so that the
// access log can be counted by them.

export const PURPOSES = [
  'TREAT',
  'ETREAT',
  'CAREMGT',
  'COC',
  'CLINTRCH',
  'FAMRQT',
  'HDIRECT',
  'HLEGAL',
  'HOPERAT',
  'HPAYMT',
  'HQUALIMP',
  'HRESCH',
  'HSYSADMIN',
  'PATADMIN',
  'PATRQT',
  'PATSFTY',
  'PUBHLTH',
  'RECORDMGT',
  'TRAIN',
] as const;

export type Purpose = (typeof PURPOSES)[number];
