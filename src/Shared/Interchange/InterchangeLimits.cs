using Lockstep.Model.Specs;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// What a reader accepts of a stranger's file. Sizes are counted before anything of that size is allocated, and no count of values is believed
/// that the bytes of the file do not bear out.
/// </summary>
/// <param name="file">Named in errors.</param>
internal sealed class InterchangeLimits(string file)
{
    /// <summary>Tensors of one file.</summary>
    public const int MaxTensors = 4096;

    /// <summary>Dimensions of one tensor.</summary>
    public const int MaxRank = 8;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Values of all tensors counted in.</summary>
    public long Values { get; private set; }

    /// <summary>Counts a tensor in.</summary>
    /// <returns>Its number of values.</returns>
    /// <exception cref="InterchangeException">Its name came before, its shape is absurd, or there is too much of it.</exception>
    public int Add(string name, IReadOnlyList<long> shape)
    {
        if (!_names.Add(name))
            throw new InterchangeException(InterchangeError.Invalid, file, $"holds two tensors named {ForeignText.Quote(name)}; expected every name once.");
        if (_names.Count > MaxTensors)
            throw new InterchangeException(InterchangeError.TooLarge, file, $"holds more than {MaxTensors:N0} tensors, the most that is read.");
        if (shape.Count > MaxRank)
            throw new InterchangeException(InterchangeError.Unsupported, file, $"holds {ForeignText.Quote(name)} with {shape.Count} dimensions; expected at most {MaxRank}.");
        Int128 count = 1;
        foreach (long dimension in shape)
        {
            if (dimension is < 0 or > int.MaxValue)
                throw new InterchangeException(InterchangeError.Invalid, file, $"holds {ForeignText.Quote(name)} of shape {ForeignText.Shape(shape)}; expected dimensions from 0 to {int.MaxValue}.");
            count = Int128.Min(count * dimension, long.MaxValue);
        }

        if (Values + count > ModelSpec.MaxParameters)
        {
            throw new InterchangeException(InterchangeError.TooLarge, file,
                $"holds {ForeignText.Quote(name)} of shape {ForeignText.Shape(shape)}, which makes {Values + count:N0} values; a model has at most {ModelSpec.MaxParameters:N0} parameters.");
        }

        Values += (long)count;
        return (int)count;
    }
}
