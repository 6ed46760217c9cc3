using Lockstep.Shared.Slicing;

namespace Lockstep.Worker.Lanes;

/// <summary>Floats that are sent in slices, perhaps by several threads. They do not change while someone reads them. Thread-safe.</summary>
internal interface ISliceSource
{
    /// <summary>The floats of a slice, which the source contains.</summary>
    ReadOnlySpan<float> Read(Slice slice);

    /// <summary>Adds a reader. Only a reader or the owner may call it.</summary>
    void Hold();

    /// <summary>Removes a reader.</summary>
    void Release();
}
