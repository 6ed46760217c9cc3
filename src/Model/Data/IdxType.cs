namespace Lockstep.Model.Data;

/// <summary>Type of the numbers of an IDX file: the third byte of the file.</summary>
public enum IdxType
{
    /// <summary>0 to 255.</summary>
    UnsignedByte = 0x08,

    /// <summary>-128 to 127.</summary>
    SignedByte = 0x09,

    /// <summary>Integers of 16 bits.</summary>
    Signed16 = 0x0B,

    /// <summary>Integers of 32 bits.</summary>
    Signed32 = 0x0C,

    /// <summary>IEEE 754 binary32.</summary>
    Real32 = 0x0D,

    /// <summary>IEEE 754 binary64.</summary>
    Real64 = 0x0E,
}
