namespace Lockstep.Model.Kernels;

/// <summary>One pair of pixels of one row of a batch.</summary>
internal struct PairEntry
{
    /// <summary>Row of the batch.</summary>
    public int Row;

    /// <summary>x of the even pixel.</summary>
    public float Even;

    /// <summary>x of the odd pixel. One of the two may be 0, but not both.</summary>
    public float Odd;
}
