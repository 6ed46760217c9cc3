using Lockstep.Model.Specs;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Limits on a foreign file. Sizes are checked before anything of that size is allocated, and a count of values must fit the bytes of the
/// file.
/// </summary>
/// <param name="file">The file name, for errors.</param>
internal sealed class InterchangeLimits(string file)
{
    /// <summary>Maximum tensors of one file.</summary>
    public const int MaxTensors = 4096;

    /// <summary>Maximum dimensions of one tensor.</summary>
    public const int MaxRank = 8;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Values of all tensors so far.</summary>
    public long Values { get; private set; }

    /// <summary>Adds a tensor.</summary>
    /// <returns>Its number of values.</returns>
    /// <exception cref="InterchangeException">The name is a duplicate, the shape is invalid, or there are too many values.</exception>
    public int Add(string name, IReadOnlyList<long> shape)
    {
        if (!_names.Add(name))
            throw new InterchangeException(
                InterchangeError.Invalid, file, $"holds two tensors named {ForeignText.Quote(name)}; expected every name once.");
        if (_names.Count > MaxTensors)
            throw new InterchangeException(
                InterchangeError.TooLarge, file, $"holds more than {MaxTensors:N0} tensors, the maximum.");
        if (shape.Count > MaxRank)
            throw new InterchangeException(
                InterchangeError.Unsupported, file,
                $"holds {ForeignText.Quote(name)} with {shape.Count} dimensions; expected at most {MaxRank}.");
        Int128 count = 1;
        foreach (long dimension in shape)
        {
            if (dimension is < 0 or > int.MaxValue)
                throw new InterchangeException(
                    InterchangeError.Invalid, file,
                    $"holds {ForeignText.Quote(name)} of shape {ForeignText.Shape(shape)}; expected dimensions from 0 to {int.MaxValue}.");
            count = Int128.Min(count * dimension, long.MaxValue);
        }

        if (Values + count > ModelSpec.MaxParameters)
        {
            throw new InterchangeException(InterchangeError.TooLarge, file,
                $"holds {ForeignText.Quote(name)} of shape {ForeignText.Shape(shape)}, which makes {Values + count:N0} values; "
                    + $"a model has at most {ModelSpec.MaxParameters:N0} parameters.");
        }

        Values += (long)count;
        return (int)count;
    }
}
