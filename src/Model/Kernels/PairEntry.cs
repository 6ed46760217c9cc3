namespace Lockstep.Model.Kernels;

/// <summary>One pair of pixels, or of features, of one row of a batch.</summary>
internal struct PairEntry
{
    /// <summary>Row of the batch.</summary>
    public int Row;

    /// <summary>x of the even pixel.</summary>
    public float Even;

    /// <summary>x of the odd pixel. At most one of the two is 0.</summary>
    public float Odd;
}
