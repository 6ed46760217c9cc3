using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Shared.Interchange;

namespace Lockstep.Data.Raw.Arrays;

/// <summary>Labels in an array.</summary>
internal static class ArrayLabels
{
    /// <summary>Name of the column of labels.</summary>
    public const string ColumnName = "label";

    /// <summary>
    /// The labels of examples: one number or text each, in one dimension, or in two of which the second is 1. An empty text is missing.
    /// </summary>
    /// <param name="array">The labels.</param>
    /// <param name="source">Path for messages.</param>
    /// <param name="firstColumn">Whether the first of several columns is the class, as in QMNIST.</param>
    /// <exception cref="DatasetException">They have another shape, an infinite number or an invalid text.</exception>
    public static RawColumn Of(DenseArray array, string source, bool firstColumn = false)
    {
        if (array.Shape is not ([_] or [_, 1]) && !(firstColumn && array is { Shape.Length: 2, IsFloat: false }))
        {
            throw new DatasetException(
                $"'{source}': the labels '{array.Name}' have the shape {ForeignText.Shape(array.Shape)}; expected one label each, "
                    + $"such as [{array.Shape.FirstOrDefault()}]. "
                    + (array.IsFloat
                        ? "If they are numbers to predict, give --target y; if a row has a 1 at its class, save labels.argmax(axis=1)."
                        : "If a row has a 1 at its class, save labels.argmax(axis=1)."));
        }

        if (array.Shape[0] == 0)
            throw new DatasetException($"'{source}': '{array.Name}' holds no labels; expected one for each example.");
        if (array.IsText)
            return Texts(array, source);
        ArrayExamples.RefuseInfinity(array, source);
        return new StridedNumbers(ColumnName, array, 0);
    }

    private static TextValues Texts(DenseArray array, string source)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var texts = new List<string>();
        int[] codes = new int[array.Shape[0]];
        Encoding encoding = array.Type == ElementType.Utf32
            ? new UTF32Encoding(bigEndian: false, byteOrderMark: false, throwOnInvalidCharacters: true)
            : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        for (int row = 0; row < codes.Length; row++)
        {
            string text = Decode(array, row, encoding, source);
            if (text.Length == 0)
                codes[row] = -1;
            else if (numbers.TryGetValue(text, out int code))
                codes[row] = code;
            else
            {
                codes[row] = texts.Count;
                numbers.Add(text, texts.Count);
                texts.Add(text);
            }
        }

        return new TextValues(ColumnName, texts, codes);
    }

    private static string Decode(DenseArray array, int row, Encoding encoding, string source)
    {
        try
        {
            return encoding.GetString(array.Values, row * array.Size, array.Size).TrimEnd('\0');
        }
        catch (ArgumentException e)
        {
            throw new DatasetException(
                $"'{source}': label {row} of '{array.Name}' is no valid text. Save the labels as unicode, or as numbers.", e);
        }
    }
}
