using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// The header of a <c>.npy</c> file: <c>\x93NUMPY</c>, a version, the length of the header, and the header, a Python literal such as
/// <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (784, 256), }</c>.
/// </summary>
/// <param name="Descr">NumPy's name of the type, such as <c>&lt;f4</c>.</param>
/// <param name="FortranOrder">Whether the first index varies fastest.</param>
/// <param name="Shape">The dimensions.</param>
internal sealed record NpyHeader(string Descr, bool FortranOrder, IReadOnlyList<long> Shape)
{
    // NumPy refuses longer headers by default.
    private const int MaxHeaderBytes = 10_000;

    private const int Alignment = 64;
    private const int PrefixBytes = 10;

    // NumPy leaves room to change the first dimension in place: the digits of the largest 64-bit number and a sign or two.
    private const int RoomForFirstDimension = 21;

    private const byte MagicFirst = 0x93;

    private static ReadOnlySpan<byte> MagicRest => "NUMPY"u8;

    /// <summary>The header of a row-major float32 array, padded to a multiple of 64 bytes, as NumPy (1.23 and later) writes it.</summary>
    public static byte[] Encode(IReadOnlyList<int> shape)
    {
        string dimensions = string.Join(", ", shape) + (shape.Count == 1 ? "," : "");
        var text = new StringBuilder($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({dimensions}), }}");
        if (shape.Count > 0)
            _ = text.Append(' ', RoomForFirstDimension - shape[0].ToString(CultureInfo.InvariantCulture).Length);
        _ = text.Append(' ', Alignment - (PrefixBytes + text.Length + 1) % Alignment).Append('\n');
        byte[] bytes = new byte[PrefixBytes + text.Length];
        bytes[0] = MagicFirst;
        MagicRest.CopyTo(bytes.AsSpan(1));
        (bytes[6], bytes[7]) = (1, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)text.Length);
        _ = Encoding.Latin1.GetBytes(text.ToString(), bytes.AsSpan(PrefixBytes));
        return bytes;
    }

    /// <summary>Reads the header; leaves the stream at the first value.</summary>
    /// <exception cref="FormatException">It is no valid header.</exception>
    /// <exception cref="EndOfStreamException">The stream ends too early.</exception>
    public static NpyHeader Read(Stream stream)
    {
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        if (prefix[0] != MagicFirst || !prefix[1..6].SequenceEqual(MagicRest))
            throw new FormatException("it does not begin like a NumPy array");
        if (prefix[6] is not (1 or 2 or 3))
            throw new FormatException($"it has version {prefix[6]}.{prefix[7]}, expected 1.0, 2.0 or 3.0");
        Span<byte> length = stackalloc byte[prefix[6] == 1 ? 2 : 4];
        stream.ReadExactly(length);
        uint count = length.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (count > MaxHeaderBytes)
            throw new FormatException($"its header has {count:N0} bytes, expected at most {MaxHeaderBytes:N0}");
        byte[] header = new byte[count];
        stream.ReadExactly(header);
        return new Literal(Encoding.Latin1.GetString(header)).ReadHeader();
    }

    /// <summary>Parses the Python literals that NumPy writes; evaluates nothing.</summary>
    private ref struct Literal(ReadOnlySpan<char> text)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _at;

        public NpyHeader ReadHeader()
        {
            string? descr = null;
            bool? fortranOrder = null;
            List<long>? shape = null;
            Expect('{');
            while (!Accept('}'))
            {
                string key = ReadText();
                Expect(':');
                if (key == "descr" && descr is null)
                    descr = ReadDescr();
                else if (key == "fortran_order" && fortranOrder is null)
                    fortranOrder = ReadBool();
                else if (key == "shape" && shape is null)
                    shape = ReadTuple();
                else
                    throw new FormatException(
                        $"its header has {ForeignText.Quote(key)} twice or as an unknown key, expected descr, fortran_order and shape");
                if (!Accept(','))
                {
                    Expect('}');
                    break;
                }
            }

            if (_text[_at..].Trim().Length > 0 || descr is null || fortranOrder is null || shape is null)
                throw new FormatException("its header is incomplete or goes on after its end, expected descr, fortran_order and shape");
            return new NpyHeader(descr, fortranOrder.Value, shape);
        }

        // Record types are lists; they are not supported.
        private string ReadDescr() => Peek() == '[' ? throw new FormatException("it holds records, expected float numbers") : ReadText();

        private string ReadText()
        {
            char quote = Peek();
            if (quote is not ('\'' or '"'))
                throw Unexpected("a text in quotes");
            int length = _text[++_at..].IndexOf(quote);
            if (length < 0)
                throw new FormatException("its header has an unterminated text");
            string value = _text.Slice(_at, length).ToString();
            _at += length + 1;
            return value;
        }

        private bool ReadBool()
        {
            _ = Peek();
            foreach ((string word, bool value) in new[] { ("True", true), ("False", false) })
            {
                if (_text[_at..].StartsWith(word))
                {
                    _at += word.Length;
                    return value;
                }
            }

            throw Unexpected("True or False");
        }

        private List<long> ReadTuple()
        {
            var numbers = new List<long>();
            Expect('(');
            while (!Accept(')'))
            {
                int digits = Peek() == '\0' ? 0 : _text[_at..].IndexOfAnyExceptInRange('0', '9');
                if (digits <= 0
                    || !long.TryParse(_text.Slice(_at, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                    throw Unexpected("whole numbers from 0 as shape");
                if (numbers.Count > InterchangeLimits.MaxRank)
                    throw new FormatException($"its shape has more than {InterchangeLimits.MaxRank} dimensions");
                numbers.Add(number);
                _at += digits;
                // Python 2 wrote long integers so.
                if (_at < _text.Length && _text[_at] == 'L')
                    _at++;
                if (!Accept(','))
                {
                    Expect(')');
                    break;
                }
            }

            return numbers;
        }

        private char Peek()
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
                _at++;
            return _at < _text.Length ? _text[_at] : '\0';
        }

        private bool Accept(char letter)
        {
            if (Peek() != letter)
                return false;
            _at++;
            return true;
        }

        private void Expect(char letter)
        {
            if (!Accept(letter))
                throw Unexpected($"'{letter}'");
        }

        private readonly FormatException Unexpected(string expected) =>
            new($"its header has {ForeignText.Quote(_text[_at..].ToString())} at character {_at}, expected {expected}");
    }
}
