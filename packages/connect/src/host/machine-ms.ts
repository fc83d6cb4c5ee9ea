/** Ms by a clock that all processes of this machine share and nobody can set; its zero means nothing. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;
