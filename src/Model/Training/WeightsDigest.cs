using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Model.Layers;

namespace Lockstep.Model.Training;

/// <summary>
/// The digest of a model's weights: SHA-256 over, for every parameter in the order of its name (ordinal), the name in UTF-8, a zero byte,
/// the number of dimensions and each dimension as little-endian int32, then the values, row-major and without padding, as little-endian
/// float32.
/// </summary>
/// <example>
/// Parameters that are not in a flat vector, such as those of a checkpoint, are appended one by one:
/// <code>
/// using var digest = new WeightsDigest();
/// foreach (NamedTensor tensor in tensors.OrderBy(tensor =&gt; tensor.Name, StringComparer.Ordinal))
///     digest.Append(tensor.Name, tensor.Shape, tensor.Values);
/// string sha256 = digest.ToHexString();
/// </code>
/// </example>
public sealed class WeightsDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string? _lastName;

    /// <summary>The digest of a flat vector of parameters, in lower-case hexadecimal.</summary>
    /// <exception cref="ArgumentException">The vector's length is not that of the layout.</exception>
    public static string Sha256(ParameterLayout layout, ReadOnlySpan<float> weights)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (weights.Length != layout.Length)
            throw new ArgumentException($"{weights.Length} weights; the layout has {layout.Length}.", nameof(weights));
        using var digest = new WeightsDigest();
        foreach (Parameter parameter in layout.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
        {
            digest.AppendHeader(parameter.Name, parameter.Shape);
            for (int row = 0; row < parameter.Rows; row++)
                digest.AppendValues(weights.Slice(parameter.Offset + row * parameter.Stride, parameter.Columns));
        }

        return digest.ToHexString();
    }

    /// <summary>Appends a parameter. Names must come in ascending ordinal order.</summary>
    /// <param name="name">Such as <c>layer0/weights</c>.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="values">Its values, row-major, as many as the product of the dimensions.</param>
    /// <exception cref="ArgumentException">
    /// The name is not greater than the previous one, or the number of values does not match the shape.
    /// </exception>
    public void Append(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        long expected = shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
        if (values.Length != expected)
            throw new ArgumentException(
                $"'{name}' has {values.Length} values; its shape [{string.Join(", ", shape)}] has {expected}.", nameof(values));
        AppendHeader(name, shape);
        AppendValues(values);
    }

    /// <summary>The digest of everything appended, in lower-case hexadecimal. The next append begins a new digest.</summary>
    public string ToHexString()
    {
        _lastName = null;
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private void AppendHeader(string name, IReadOnlyList<int> shape)
    {
        if (_lastName is not null && string.CompareOrdinal(_lastName, name) >= 0)
            throw new ArgumentException($"'{name}' comes after '{_lastName}'; expected ascending ordinal order.", nameof(name));
        _lastName = name;
        _hash.AppendData(Encoding.UTF8.GetBytes(name));
        _hash.AppendData([0]);
        AppendInt32(shape.Count);
        foreach (int dimension in shape)
            AppendInt32(dimension);
    }

    private void AppendInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _hash.AppendData(bytes);
    }

    private void AppendValues(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            _hash.AppendData(MemoryMarshal.AsBytes(values));
            return;
        }

        foreach (float value in values)
            AppendInt32(BitConverter.SingleToInt32Bits(value));
    }
}
