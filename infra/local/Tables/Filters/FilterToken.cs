namespace Serverless.Local.Tables.Filters;

/// <summary>What a piece of a filter is.</summary>
internal enum FilterTokenKind
{
    /// <summary>A name or a word such as <c>and</c>.</summary>
    Word,

    /// <summary>A constant.</summary>
    Constant,

    /// <summary>An opening parenthesis.</summary>
    Open,

    /// <summary>A closing parenthesis.</summary>
    Close,

    /// <summary>There is nothing more.</summary>
    End,
}

/// <summary>A piece of a filter.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Position">Where, in UTF-16 units from the filter's start.</param>
/// <param name="Value">A constant's value: string, byte[], int, long, double, bool, DateTime in UTC, or Guid.</param>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Text, int Position, object? Value = null);
